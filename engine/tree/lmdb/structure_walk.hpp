#pragma once

#include "tree/lmdb/data_file.hpp"
#include "tree/lmdb/data_page.hpp"
#include "tree/lmdb/space_digest.hpp"
#include "tree/tree.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Walks one snapshot of LMDB's file page by page and reports its mistakes.
///
/// If it reports nothing, this holds: every page up to the last is used exactly once or free; both
/// trees have the depth, pages and entries that their roots say; keys ascend within and across
/// pages; every entry's checksum matches; every space holds the set of entries of its digest.
namespace amphora::lmdb {

class StructureWalk {
  public:
    /// The caller holds a view at `meta.transaction`, so that the pages are not reused meanwhile.
    StructureWalk(const DataFile& file, const Meta& meta, tree::Tree::Findings& findings);

    void run();

    /// Pages that the free tree lists; none if it cannot be walked, or if the file ends far before
    /// its last page. Needs no findings. Used at open to distinguish a file that has lost its end
    /// from one whose last pages are free.
    [[nodiscard]] static std::optional<std::vector<bool>> free_pages(const DataFile& file,
                                                                     const Meta& meta);

  private:
    enum class Which : std::uint8_t { free, main };
    struct Tally {
        std::uint64_t branch_pages = 0;
        std::uint64_t leaf_pages = 0;
        std::uint64_t overflow_pages = 0;
        std::uint64_t entries = 0;
    };

    void walk_tree(Which which, const TreeRoot& root);
    void walk_page(Which which, std::uint64_t number, unsigned depth);
    void walk_branch(Which which, const DataPage& page, unsigned depth);
    void walk_leaf(Which which, const DataPage& page);
    void check_order(Which which, const DataPage& page, Bytes key);
    void take_entry(Which which, const DataPage& page, Bytes key, Bytes stored);
    void take_free_list(const DataPage& page, Bytes key, Bytes list);
    void take_main_entry(const DataPage& page, Bytes key, Bytes stored);

    [[nodiscard]] std::optional<DataPage::Node> node_of(const DataPage& page, std::size_t index);
    /// False, and a finding, if the page was met before or is impossible.
    bool claim(std::uint64_t number, std::uint64_t count, const char* what);
    void compare(const char* tree, const TreeRoot& root);
    void compare_digests();
    void find_lost_pages();
    void report(std::uint64_t page, const std::string& what);
    void report(const std::string& what);

    const DataFile& file_;
    Meta meta_;
    tree::Tree::Findings& findings_;
    std::uint64_t reported_ = 0;
    std::vector<bool> used_;
    std::vector<bool> free_;
    Tally tally_;
    unsigned depth_ = 0;
    std::optional<Buffer> last_key_;
    Buffer lower_;  ///< separators around the current page: its keys are at or after this one
    Buffer upper_;  ///< and before this one; empty: none
    SpaceDigests counted_;
    SpaceDigests stored_;
};

}  // namespace amphora::lmdb

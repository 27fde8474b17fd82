#pragma once

#include "base/bytes.hpp"
#include "tree/lmdb/validity.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// LMDB's file, read with `pread`, without trusting its contents. LMDB would follow the pointers of
/// a damaged page and crash; here the page is only bytes, so the checks at open and the walk of
/// `check` need no separate process.
///
/// The layout is that of LMDB 0.9 (data version 1) on a 64-bit little-endian machine.
namespace amphora::lmdb {

/// One of the two B+ trees of the file, as its meta page describes it.
struct TreeRoot {
    static constexpr std::uint64_t none = ~0ull;
    std::uint16_t depth = 0;
    std::uint64_t branch_pages = 0;
    std::uint64_t leaf_pages = 0;
    std::uint64_t overflow_pages = 0;
    std::uint64_t entries = 0;
    std::uint64_t root = none;
};

/// LMDB does not write pages that a commit took and gave back, so a file may end before its last
/// page. LMDB never leaves a file that lacks more pages than this.
inline constexpr std::uint64_t missing_pages_max = 1u << 18;

struct Meta {
    std::uint32_t page_bytes = 0;
    std::uint64_t map_bytes = 0;
    std::uint64_t last_page = 0;
    std::uint64_t transaction = 0;
    TreeRoot free;  ///< from transaction numbers to the pages that they freed
    TreeRoot main;
};

/// Uses a descriptor and a validity that the caller keeps.
class DataFile {
  public:
    /// With a validity, each reading requires it before it returns what it read.
    DataFile(int descriptor, std::string path, const Validity* validity = nullptr)
        : descriptor_{descriptor}, path_{std::move(path)}, validity_{validity} {}

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] std::uint64_t size() const;
    /// Up to `bytes` bytes at `offset`; fewer at the end of the file. Throws `io_error`, and
    /// `snapshot_expired` if the validity has ended.
    [[nodiscard]] Buffer read(std::uint64_t offset, std::size_t bytes) const;

    /// LMDB's data version, if it is not the known one.
    [[nodiscard]] std::optional<std::uint32_t> newer_version() const;
    /// Meta page 0 or 1, if it is one and its numbers are possible.
    [[nodiscard]] std::optional<Meta> meta(unsigned slot) const;
    /// The newer of the two; none if neither is one.
    [[nodiscard]] std::optional<Meta> newest_meta() const;
    /// The newer of the two, which LMDB uses; none if LMDB would refuse the file, or if the numbers
    /// of that page are impossible. The older one is not tested: when a commit fails in its last
    /// step, LMDB leaves an old number there with roots that are not valid, and the next commit
    /// replaces it.
    [[nodiscard]] std::optional<Meta> meta_in_use() const;
    /// The page that `transaction` wrote, if it still exists. Safe while another process writes.
    [[nodiscard]] std::optional<Meta> meta_of(std::uint64_t transaction) const;
    /// As `meta_in_use`, while another process writes. Throws `timeout` if commits follow each other
    /// so fast that both pages cannot be read between two of them.
    [[nodiscard]] std::optional<Meta> steady_meta() const;

  private:
    [[nodiscard]] std::uint32_t page_bytes() const;
    [[nodiscard]] std::optional<Meta> labelled_meta(unsigned slot) const;

    int descriptor_;
    std::string path_;
    const Validity* validity_;
};

/// A whole meta page 0 or 1 of a new file: with the roots of `meta`, but as the one that
/// `transaction` wrote.
[[nodiscard]] Buffer encode_meta_page(const Meta& meta, unsigned slot, std::uint64_t transaction);

}  // namespace amphora::lmdb

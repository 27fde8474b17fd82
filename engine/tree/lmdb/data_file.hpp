#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// LMDB's file, read with `pread` and without trust. A damaged page that LMDB would follow into a
/// fault is only bytes here, so the checks at open and the walk of `check` need no process of their
/// own.
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

struct Meta {
    std::uint32_t page_bytes = 0;
    std::uint64_t last_page = 0;
    std::uint64_t transaction = 0;
    TreeRoot free;  ///< of transaction numbers to the pages that they freed
    TreeRoot main;
};

/// Borrows a descriptor.
class DataFile {
  public:
    DataFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] std::uint64_t size() const;
    /// Up to `bytes` bytes at `offset`; fewer at the end of the file. Throws `io_error`.
    [[nodiscard]] Buffer read(std::uint64_t offset, std::size_t bytes) const;

    /// What LMDB calls its data version, if it is one that is not known here.
    [[nodiscard]] std::optional<std::uint32_t> newer_version() const;
    /// Meta page 0 or 1, if it is one and its numbers are possible.
    [[nodiscard]] std::optional<Meta> meta(unsigned slot) const;
    /// The newer of the two; nothing if neither is one.
    [[nodiscard]] std::optional<Meta> newest_meta() const;
    /// The newer of the two, which is the one that LMDB uses; nothing if it would refuse the file,
    /// or if that one's numbers are impossible. The older one may say what it likes: when a commit
    /// fails in its last step, LMDB leaves there an old number with roots that came to nothing, and
    /// the next commit replaces it.
    [[nodiscard]] std::optional<Meta> meta_in_use() const;
    /// The one that `transaction` wrote, if it is still there. Safe beside a writer.
    [[nodiscard]] std::optional<Meta> meta_of(std::uint64_t transaction) const;

  private:
    [[nodiscard]] std::uint32_t page_bytes() const;
    [[nodiscard]] std::optional<Meta> labelled_meta(unsigned slot) const;

    int descriptor_;
    std::string path_;
};

}  // namespace amphora::lmdb

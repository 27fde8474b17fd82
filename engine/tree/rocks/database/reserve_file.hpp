#pragma once

#include <cstdint>

namespace amphora::rocks {

/// A file of unused blocks next to the table files. Other programs cannot use these blocks. On a
/// full disk the file is made shorter, and RocksDB can use the blocks.
///
/// The file has no contents, and nothing depends on what a power cut leaves of it. Without it, as
/// on a file system that cannot preallocate, the tree has no reserve.
///
/// Threads: one at a time.
class ReserveFile {
  public:
    /// In the directory that the descriptor `directory` is open on; made if it is missing.
    explicit ReserveFile(int directory) noexcept;
    ~ReserveFile();
    ReserveFile(const ReserveFile&) = delete;
    ReserveFile& operator=(const ReserveFile&) = delete;

    [[nodiscard]] bool is_supported() const noexcept { return file_ >= 0; }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
    /// Grows as far as there is room.
    void grow_to(std::uint64_t bytes) noexcept;
    /// Frees at least this many bytes, but keeps `left_bytes` of the reserve. In pieces, because
    /// part of a block frees nothing and each change takes time.
    void give(std::uint64_t bytes, std::uint64_t left_bytes = 0) noexcept;

  private:
    void shrink_to(std::uint64_t bytes) noexcept;
    void close() noexcept;

    int file_;
    std::uint64_t bytes_ = 0;
};

/// RocksDB writes some small files while it opens. On a full disk the reserve gives them room.
void make_room_to_open(int directory) noexcept;

}  // namespace amphora::rocks

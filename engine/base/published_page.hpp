#pragma once

#include "base/bytes.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

/// A small file in which one process publishes numbers and short texts, and which any other process
/// reads at any time, without locks and without the writer's help.
///
///   0     magic (8) | format (4) | bytes of the file (4)
///   64    words: value (8) | its complement (8)
///   4096  parts, each of its own size: two slots of half of it, each
///         number of the change (8) | length (8) | checksum, of the number, too (8) | bytes
///
/// A part is written into the slot that does not have the newest contents. So there is always a whole one,
/// also after the writer was killed or stopped in the middle of a change.
///
/// Numbers are little-endian. The writer maps the file, so that a change costs no system call. Readers
/// copy it by `pread` and read again what has changed meanwhile: they never map it, so whatever becomes
/// of the file is an error and no signal. The file has its full size, with blocks of its own on the disk,
/// before it gets its name; it is never made shorter.
namespace amphora {

struct PageLayout {
    static constexpr std::size_t words = 8;
    static constexpr std::size_t parts = 2;
    static constexpr std::array<std::size_t, parts> part_bytes{4096, 56 << 10};
    static constexpr std::size_t slots = 2;
    static constexpr std::size_t slot_head_bytes = 24;

    [[nodiscard]] static constexpr std::size_t word_offset(std::size_t word) noexcept {
        return 64 + 16 * word;
    }
    [[nodiscard]] static constexpr std::size_t part_offset(std::size_t part) noexcept {
        std::size_t offset = 4096;
        for (std::size_t each = 0; each < part; ++each) offset += part_bytes[each];
        return offset;
    }
    [[nodiscard]] static constexpr std::size_t slot_offset(std::size_t part,
                                                           std::size_t slot) noexcept {
        return part_offset(part) + slot * (part_bytes[part] / slots);
    }
    [[nodiscard]] static constexpr std::size_t room_of(std::size_t part) noexcept {
        return part_bytes[part] / slots - slot_head_bytes;
    }
    static constexpr std::size_t file_bytes = 64 << 10;
    static constexpr std::uint32_t format = 1;
};
static_assert(PageLayout::part_offset(PageLayout::parts) == PageLayout::file_bytes);

/// The writer. Threads: each word and each part by one thread at a time.
class PublishedPage {
  public:
    /// Continues a file of this format, with what it says; makes one if there is none. A file of
    /// another format, or with holes, is replaced; before that every word in it is zeroed, so that
    /// its readers notice. Throws `disk_full`, `io_error`.
    [[nodiscard]] static std::unique_ptr<PublishedPage> open(const std::string& path);
    ~PublishedPage();
    PublishedPage(const PublishedPage&) = delete;
    PublishedPage& operator=(const PublishedPage&) = delete;

    [[nodiscard]] std::uint64_t word(std::size_t word) const noexcept;
    void store(std::size_t word, std::uint64_t value) noexcept;
    [[nodiscard]] static constexpr std::size_t room_of(std::size_t part) noexcept {
        return PageLayout::room_of(part);
    }
    /// At most `room_of(part)` bytes.
    void publish(std::size_t part, Bytes bytes) noexcept;

  private:
    struct Newest {
        std::uint64_t number = 0;
        std::size_t slot = 0;
    };
    explicit PublishedPage(char* map) noexcept;
    [[nodiscard]] std::atomic_ref<std::uint64_t> at(std::size_t offset) const noexcept;

    char* map_;
    std::array<Newest, PageLayout::parts> newest_{};
};

/// A reader. Keeps the file open, so it does not notice that another file has taken the name. Threads:
/// any.
class PageReader {
  public:
    /// Throws `not_a_database` if there is no such file, `newer_format`, `corrupt`, `io_error`.
    explicit PageReader(std::string path);
    ~PageReader();
    PageReader(const PageReader&) = delete;
    PageReader& operator=(const PageReader&) = delete;

    /// Both throw `corrupt` if what they read stays inconsistent, `io_error`.
    [[nodiscard]] std::uint64_t word(std::size_t word) const;
    [[nodiscard]] Buffer part(std::size_t part) const;

  private:
    void read(std::size_t offset, char* to, std::size_t bytes) const;
    [[noreturn]] void refuse(const char* what) const;

    std::string path_;
    int descriptor_;
};

}  // namespace amphora

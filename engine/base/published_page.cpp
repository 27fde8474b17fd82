#include "base/published_page.hpp"

#include "base/assert.hpp"
#include "base/checksum.hpp"
#include "base/file.hpp"
#include "base/system_error.hpp"

#include <amphora/error.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace amphora {
namespace {

using Layout = PageLayout;

constexpr Bytes magic{"AMPHLIVE", 8};
constexpr int tries_max = 1000;

struct Head {
    char magic[8];
    std::uint32_t format;
    std::uint32_t bytes;
};

enum class Known : std::uint8_t { yes, other_format, no };

Known recognize(const Head& head) noexcept {
    if (Bytes{head.magic, sizeof head.magic} != magic) return Known::no;
    return head.format == Layout::format && head.bytes == Layout::file_bytes ? Known::yes
                                                                             : Known::other_format;
}

std::uint64_t checksum_of(Bytes bytes, std::uint64_t number) noexcept {
    return checksum64(bytes, number);
}

struct Slot {
    std::uint64_t number = 0;
    Bytes bytes;
};

/// None: it is empty, or being written. `from` begins with the slot.
std::optional<Slot> whole_slot(Bytes from, std::size_t room) noexcept {
    std::array<std::uint64_t, 3> head{};  // number, length, checksum
    std::memcpy(head.data(), from.data(), Layout::slot_head_bytes);
    if (head[1] > room) return std::nullopt;
    const Bytes bytes = from.substr(Layout::slot_head_bytes, head[1]);
    if (checksum_of(bytes, head[0]) != head[2]) return std::nullopt;
    return Slot{head[0], bytes};
}

/// Of a file of the full size; null otherwise.
char* map_whole(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (descriptor < 0) {
        if (errno == ENOENT) return nullptr;
        throw_system_error("open", path);
    }
    const off_t bytes = ::lseek(descriptor, 0, SEEK_END);
    void* map = MAP_FAILED;
    if (bytes >= static_cast<off_t>(Layout::file_bytes)) {
        map =
            ::mmap(nullptr, Layout::file_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
        if (map == MAP_FAILED) {
            const int reason = errno;
            ::close(descriptor);
            throw_system_error("mmap", path, reason);
        }
    }
    ::close(descriptor);
    return map == MAP_FAILED ? nullptr : static_cast<char*>(map);
}

/// A copy of the file may have holes. On a full disk a store to one of them would be a signal.
bool has_all_blocks(const std::string& path) {
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0) throw_system_error("stat", path);
    return static_cast<std::uint64_t>(about.st_blocks) * 512 >= Layout::file_bytes;
}

void make_file(const std::string& path) {
    FileSystem& files = operating_system_files();
    const std::string unfinished = path + ".new";
    if (files.exists(unfinished)) files.remove(unfinished);
    {
        const auto file = files.open(unfinished, OpenFile::create_new);
        Buffer zeros(Layout::file_bytes, '\0');
        Head head{};
        std::copy(magic.begin(), magic.end(), head.magic);
        head.format = Layout::format;
        head.bytes = Layout::file_bytes;
        std::memcpy(zeros.data(), &head, sizeof head);
        for (std::size_t word = 0; word < Layout::words; ++word) {
            const std::uint64_t complement = ~std::uint64_t{0};
            std::memcpy(zeros.data() + Layout::word_offset(word) + 8, &complement, 8);
        }
        for (std::size_t part = 0; part < Layout::parts; ++part) {
            const std::uint64_t checksum = checksum_of({}, 0);
            std::memcpy(zeros.data() + Layout::slot_offset(part, 0) + 16, &checksum, 8);
        }
        file->write_at(0, zeros);
        file->sync();
    }
    files.rename(unfinished, path);
}

}  // namespace

std::unique_ptr<PublishedPage> PublishedPage::open(const std::string& path) {
    char* map = map_whole(path);
    if (map != nullptr) {
        Head head;
        std::memcpy(&head, map, sizeof head);
        std::unique_ptr<PublishedPage> page{new PublishedPage{map}};
        const Known known = recognize(head);
        if (known == Known::yes && has_all_blocks(path)) return page;
        if (known != Known::no) {
            for (std::size_t word = 0; word < Layout::words; ++word) page->store(word, 0);
        }
    }
    make_file(path);
    map = map_whole(path);
    if (map == nullptr) {
        throw Error{ErrorCode::io_error, path + " was removed or made shorter while it was made"};
    }
    return std::unique_ptr<PublishedPage>{new PublishedPage{map}};
}

PublishedPage::PublishedPage(char* map) noexcept : map_{map} {
    for (std::size_t part = 0; part < Layout::parts; ++part) {
        for (std::size_t slot = 0; slot < Layout::slots; ++slot) {
            const Bytes from{map_ + Layout::slot_offset(part, slot),
                             Layout::part_bytes[part] / Layout::slots};
            const auto whole = whole_slot(from, room_of(part));
            if (whole && whole->number >= newest_[part].number) {
                newest_[part] = {whole->number, slot};
            }
        }
    }
}

PublishedPage::~PublishedPage() {
    ::munmap(map_, Layout::file_bytes);
}

std::atomic_ref<std::uint64_t> PublishedPage::at(std::size_t offset) const noexcept {
    // A map begins at a page, and each number at a multiple of its size.
    return std::atomic_ref<std::uint64_t>{*reinterpret_cast<std::uint64_t*>(map_ + offset)};
}

std::uint64_t PublishedPage::word(std::size_t word) const noexcept {
    return at(Layout::word_offset(word)).load(std::memory_order_relaxed);
}

void PublishedPage::store(std::size_t word, std::uint64_t value) noexcept {
    at(Layout::word_offset(word)).store(value, std::memory_order_release);
    at(Layout::word_offset(word) + 8).store(~value, std::memory_order_release);
}

void PublishedPage::publish(std::size_t part, Bytes bytes) noexcept {
    AMPHORA_ASSERT(bytes.size() <= room_of(part));
    Newest& newest = newest_[part];
    newest = {newest.number + 1, (newest.slot + 1) % Layout::slots};
    const std::size_t begin = Layout::slot_offset(part, newest.slot);
    // What the other slot has is whole before this one changes.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    at(begin).store(newest.number, std::memory_order_relaxed);
    at(begin + 8).store(bytes.size(), std::memory_order_relaxed);
    at(begin + 16).store(checksum_of(bytes, newest.number), std::memory_order_relaxed);
    std::memcpy(map_ + begin + Layout::slot_head_bytes, bytes.data(), bytes.size());
}

PageReader::PageReader(std::string path)
    : path_{std::move(path)}, descriptor_{::open(path_.c_str(), O_RDONLY | O_CLOEXEC)} {
    if (descriptor_ < 0) {
        if (errno == ENOENT) {
            throw Error{ErrorCode::not_a_database, path_ + ": there is no such file"};
        }
        throw_system_error("open", path_);
    }
    try {
        Head head{};
        read(0, reinterpret_cast<char*>(&head), sizeof head);
        const Known known = recognize(head);
        if (known == Known::no) refuse("it is no page of a database");
        if (known == Known::other_format) {
            throw Error{
                ErrorCode::newer_format,
                fmt::format("{} has format {}, this version of the library reads {}; use the "
                            "version that has the database open",
                            path_, head.format, Layout::format)};
        }
    } catch (...) {
        ::close(descriptor_);
        throw;
    }
}

PageReader::~PageReader() {
    ::close(descriptor_);
}

void PageReader::read(std::size_t offset, char* to, std::size_t bytes) const {
    const ssize_t got = ::pread(descriptor_, to, bytes, static_cast<off_t>(offset));
    if (got < 0) throw_system_error("pread", path_);
    if (static_cast<std::size_t>(got) != bytes) refuse("it is shorter than it was made");
}

void PageReader::refuse(const char* what) const {
    throw Error{ErrorCode::corrupt,
                fmt::format("{}: {}; the next opening for writing makes a new one", path_, what)};
}

std::uint64_t PageReader::word(std::size_t word) const {
    for (int attempt = 0; attempt < tries_max; ++attempt) {
        std::uint64_t both[2];
        read(Layout::word_offset(word), reinterpret_cast<char*>(both), sizeof both);
        if (both[0] == ~both[1]) return both[0];
        std::this_thread::yield();
    }
    refuse("a number in it and its complement do not match");
}

/// A slot that is not whole is being written. Then the other one has the newest contents, unless the
/// writer finished the first meanwhile and began with that one: then it is read again.
Buffer PageReader::part(std::size_t part) const {
    Buffer both(Layout::part_bytes[part], '\0');
    for (int attempt = 0; attempt < tries_max; ++attempt) {
        read(Layout::part_offset(part), both.data(), both.size());
        std::optional<Slot> newest;
        for (std::size_t slot = 0; slot < Layout::slots; ++slot) {
            const std::size_t begin = Layout::slot_offset(part, slot) - Layout::part_offset(part);
            const auto whole = whole_slot(Bytes{both}.substr(begin), Layout::room_of(part));
            if (whole && (!newest || whole->number > newest->number)) newest = whole;
        }
        if (newest) return Buffer{newest->bytes};
        std::this_thread::yield();
    }
    refuse("a part of it is damaged");
}

}  // namespace amphora

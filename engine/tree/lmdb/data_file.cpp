#include "tree/lmdb/data_file.hpp"

#include "base/system_error.hpp"

#include <amphora/error.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cstring>

#include <fmt/format.h>

namespace amphora::lmdb {

namespace {

constexpr std::uint32_t magic = 0xBEEFC0DE;
constexpr std::uint32_t data_version = 1;
constexpr std::uint16_t page_is_meta = 0x08;
/// For the free tree, whose keys are numbers. The main tree has no flags, or LMDB would read it
/// differently.
constexpr std::uint16_t flags_of_free_tree = 0x08;

/// The layout of LMDB's MDB_db and MDB_meta in the file.
struct StoredRoot {
    std::uint32_t pad;  ///< in the free tree's root: the page size
    std::uint16_t flags;
    std::uint16_t depth;
    std::uint64_t branch_pages;
    std::uint64_t leaf_pages;
    std::uint64_t overflow_pages;
    std::uint64_t entries;
    std::uint64_t root;
};
struct StoredMeta {
    std::uint64_t page_number;
    std::uint16_t page_pad;
    std::uint16_t page_flags;
    std::uint32_t page_space;
    std::uint32_t magic;
    std::uint32_t version;
    std::uint64_t address;
    std::uint64_t map_bytes;
    StoredRoot free;
    StoredRoot main;
    std::uint64_t last_page;
    std::uint64_t transaction;
};
static_assert(sizeof(StoredMeta) == 152);

TreeRoot to_root(const StoredRoot& stored) {
    return {.depth = stored.depth,
            .branch_pages = stored.branch_pages,
            .leaf_pages = stored.leaf_pages,
            .overflow_pages = stored.overflow_pages,
            .entries = stored.entries,
            .root = stored.root};
}

StoredRoot from_root(const TreeRoot& root, std::uint32_t pad, std::uint16_t flags) {
    return {.pad = pad,
            .flags = flags,
            .depth = root.depth,
            .branch_pages = root.branch_pages,
            .leaf_pages = root.leaf_pages,
            .overflow_pages = root.overflow_pages,
            .entries = root.entries,
            .root = root.root};
}

bool possible(const TreeRoot& root, std::uint64_t last_page) {
    if (root.root == TreeRoot::none) return root.entries == 0 && root.depth == 0;
    return root.root >= 2 && root.root <= last_page && root.depth >= 1 && root.depth <= 32;
}

bool possible(const Meta& meta) {
    return meta.last_page >= 1 && meta.last_page < (1ull << 48) &&
           possible(meta.free, meta.last_page) && possible(meta.main, meta.last_page);
}

/// What is in meta page `slot` of a file with pages of `size` bytes, if it is labelled as one.
std::optional<Meta> labelled(Bytes bytes, unsigned slot, std::uint32_t size) {
    if (bytes.size() < sizeof(StoredMeta)) return std::nullopt;
    StoredMeta stored;
    std::memcpy(&stored, bytes.data(), sizeof stored);
    const bool is_labelled = stored.magic == magic && stored.version == data_version &&
                             stored.page_flags == page_is_meta && stored.page_number == slot &&
                             stored.free.flags == flags_of_free_tree && stored.main.flags == 0 &&
                             stored.free.pad == size;
    if (!is_labelled) return std::nullopt;
    return Meta{.page_bytes = stored.free.pad,
                .map_bytes = stored.map_bytes,
                .last_page = stored.last_page,
                .transaction = stored.transaction,
                .free = to_root(stored.free),
                .main = to_root(stored.main)};
}

std::optional<Meta> in_use(const std::optional<Meta>& first, const std::optional<Meta>& second) {
    if (!first || !second) return std::nullopt;
    const Meta& newer = first->transaction < second->transaction ? *second : *first;
    return possible(newer) ? std::optional{newer} : std::nullopt;
}

}  // namespace

std::uint64_t DataFile::size() const {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) throw_system_error("fstat", path_);
    return static_cast<std::uint64_t>(status.st_size);
}

Buffer DataFile::read(std::uint64_t offset, std::size_t bytes) const {
    Buffer buffer(bytes, '\0');
    std::size_t filled = 0;
    while (filled < bytes) {
        const ssize_t step = ::pread(descriptor_, buffer.data() + filled, bytes - filled,
                                     static_cast<off_t>(offset + filled));
        if (step < 0 && errno == EINTR) continue;
        if (step < 0) throw_system_error("pread", path_);
        if (step == 0) break;
        filled += static_cast<std::size_t>(step);
    }
    buffer.resize(filled);
    if (validity_ != nullptr) validity_->require();
    return buffer;
}

/// Only meta page 0 has a known offset. The other one is a page after it, and both contain the page
/// size. If page 0 is damaged, the usual sizes are tried.
std::uint32_t DataFile::page_bytes() const {
    const auto plausible = [&](std::uint64_t offset) -> std::uint32_t {
        const Buffer bytes = read(offset, sizeof(StoredMeta));
        if (bytes.size() < sizeof(StoredMeta)) return 0;
        StoredMeta stored;
        std::memcpy(&stored, bytes.data(), sizeof stored);
        const std::uint32_t size = stored.free.pad;
        const bool fits = stored.magic == magic && std::has_single_bit(size) && size >= 512 &&
                          size <= 65536 && (offset == 0 || offset == size);
        return fits ? size : 0;
    };
    for (const std::uint64_t offset : {0u, 4096u, 16384u, 65536u, 8192u, 32768u}) {
        if (const std::uint32_t size = plausible(offset); size != 0) return size;
    }
    return 0;
}

std::optional<std::uint32_t> DataFile::newer_version() const {
    const std::uint32_t size = page_bytes();
    if (size == 0) return std::nullopt;
    std::optional<std::uint32_t> version;
    // Both pages contain it, and the number is small; anything else is damage.
    for (const unsigned slot : {0u, 1u}) {
        const Buffer bytes = read(std::uint64_t{slot} * size, sizeof(StoredMeta));
        if (bytes.size() < sizeof(StoredMeta)) return std::nullopt;
        StoredMeta stored;
        std::memcpy(&stored, bytes.data(), sizeof stored);
        if (stored.magic != magic || stored.version <= data_version || stored.version > 20) {
            return std::nullopt;
        }
        if (version && *version != stored.version) return std::nullopt;
        version = stored.version;
    }
    return version;
}

std::optional<Meta> DataFile::labelled_meta(unsigned slot) const {
    const std::uint32_t size = page_bytes();
    if (size == 0) return std::nullopt;
    return labelled(read(std::uint64_t{slot} * size, sizeof(StoredMeta)), slot, size);
}

std::optional<Meta> DataFile::meta(unsigned slot) const {
    const std::optional<Meta> found = labelled_meta(slot);
    return found && possible(*found) ? found : std::nullopt;
}

std::optional<Meta> DataFile::newest_meta() const {
    const std::optional<Meta> first = meta(0);
    const std::optional<Meta> second = meta(1);
    if (!first || !second) return first ? first : second;
    return first->transaction < second->transaction ? second : first;
}

std::optional<Meta> DataFile::meta_in_use() const {
    return in_use(labelled_meta(0), labelled_meta(1));
}

std::optional<Meta> DataFile::meta_of(std::uint64_t transaction) const {
    const auto slot = static_cast<unsigned>(transaction & 1);
    const std::optional<Meta> once = meta(slot);
    // A writer may be replacing it; two equal reads were not half replaced.
    const std::optional<Meta> again = meta(slot);
    const bool same = once && again && once->transaction == transaction &&
                      again->transaction == transaction && once->main.root == again->main.root &&
                      once->free.root == again->free.root && once->last_page == again->last_page;
    return same ? once : std::nullopt;
}

/// Commits write the two pages in turn, each with its transaction number last. So a page that is
/// half written has a smaller number than the other page, unless the other page was read before
/// the commit in between: then the second reading differs.
std::optional<Meta> DataFile::steady_meta() const {
    constexpr int attempts_max = 10'000;
    const std::uint32_t size = page_bytes();
    if (size == 0) return std::nullopt;
    const auto read_both = [&] {
        Buffer first = read(0, sizeof(StoredMeta));
        return std::array{std::move(first), read(size, sizeof(StoredMeta))};
    };
    std::array<Buffer, 2> both = read_both();
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
        std::array<Buffer, 2> again = read_both();
        if (again == both) return in_use(labelled(both[0], 0, size), labelled(both[1], 1, size));
        both = std::move(again);
    }
    throw Error{ErrorCode::timeout,
                fmt::format("{}: commits follow each other so fast that the first two pages could "
                            "not be read between two of them; try again",
                            path_)};
}

Buffer encode_meta_page(const Meta& meta, unsigned slot, std::uint64_t transaction) {
    StoredMeta stored{};
    stored.page_number = slot;
    stored.page_flags = page_is_meta;
    stored.magic = magic;
    stored.version = data_version;
    stored.map_bytes = meta.map_bytes;
    stored.free = from_root(meta.free, meta.page_bytes, flags_of_free_tree);
    stored.main = from_root(meta.main, 0, 0);
    stored.last_page = meta.last_page;
    stored.transaction = transaction;
    Buffer page(reinterpret_cast<const char*>(&stored), sizeof stored);
    page.resize(meta.page_bytes, '\0');
    return page;
}

}  // namespace amphora::lmdb

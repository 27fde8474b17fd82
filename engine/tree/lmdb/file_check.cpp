#include "tree/lmdb/file_check.hpp"

#include "base/system_error.hpp"
#include "tree/lmdb/data_page.hpp"
#include "tree/lmdb/lmdb_tree.hpp"
#include "tree/lmdb/structure_walk.hpp"

#include <amphora/error.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <vector>

#include <fmt/format.h>

namespace amphora::lmdb {

namespace {

int open_descriptor(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) throw_system_error("open", path);
    return descriptor;
}

/// The tree's own records are its first entries, so opening reads down the left edge.
std::optional<std::string> damage_on_left_edge(const DataFile& file, const Meta& meta,
                                               const TreeRoot& root) {
    std::uint64_t number = root.root;
    for (unsigned depth = root.depth; depth > 0; --depth) {
        std::string problem;
        const std::optional<DataPage> page = DataPage::read(file, meta, number, problem);
        if (!page) return fmt::format("page {} {}", number, problem);
        const bool leaf = page->kind() == DataPage::Kind::leaf;
        if (leaf != (depth == 1) || page->entries() == 0) {
            return fmt::format("page {} is not where it belongs", number);
        }
        for (std::size_t i = 0; i < page->entries(); ++i) {
            const auto node = page->node(i, problem);
            if (!node) return fmt::format("page {} {}", number, problem);
            if (!leaf && (node->child < 2 || node->child > meta.last_page)) {
                return fmt::format("page {} names page {}, which does not exist", number,
                                   node->child);
            }
            if (i == 0 && !leaf) number = node->child;
        }
    }
    return std::nullopt;
}

std::optional<std::string> damage_in(const DataFile& file, const std::optional<Meta>& meta) {
    if (!meta) return "the first two pages are damaged";
    if (!is_long_enough(file, *meta)) {
        return fmt::format(
            "has {} bytes, but its last page ends at {}: the end of the file is missing",
            file.size(), (meta->last_page + 1) * meta->page_bytes);
    }
    for (const TreeRoot& root : {meta->free, meta->main}) {
        if (root.root == TreeRoot::none) continue;
        if (auto damage = damage_on_left_edge(file, *meta, root)) return damage;
    }
    return std::nullopt;
}

}  // namespace

OpenedFile::OpenedFile(const std::string& path)
    : descriptor_{open_descriptor(path)}, data_{descriptor_, path} {}
OpenedFile::~OpenedFile() {
    ::close(descriptor_);
}

std::string data_path(const std::string& directory) {
    return directory + "/data.mdb";
}

bool is_long_enough(const DataFile& file, const Meta& meta) {
    const std::uint64_t pages = file.size() / meta.page_bytes;
    if (meta.last_page < pages) return true;
    const std::optional<std::vector<bool>> free = StructureWalk::free_pages(file, meta);
    if (!free) return false;
    for (std::uint64_t page = pages; page <= meta.last_page; ++page) {
        if (!(*free)[page]) return false;
    }
    return true;
}

void require_openable(const std::string& path) {
    const OpenedFile opened(path);
    const DataFile& file = opened.data();
    if (file.size() == 0) return;
    std::optional<Meta> meta = file.meta_in_use();
    for (;;) {
        const std::optional<std::string> damage = damage_in(file, meta);
        if (!damage) return;
        // If another process writes, the pages may have been reused meanwhile.
        const std::optional<Meta> now = file.meta_in_use();
        if (!now) require_known_format(file);
        if (!now || (meta && now->transaction == meta->transaction)) {
            throw Error{ErrorCode::corrupt,
                        fmt::format("{}: {}; restore the tree from a backup", path, *damage)};
        }
        meta = now;
    }
}

void require_known_format(const DataFile& file) {
    if (const auto version = file.newer_version()) {
        throw Error{ErrorCode::newer_format,
                    fmt::format("{}: written in LMDB's data format {}; this library was built "
                                "with an older LMDB: use a later version of it",
                                file.path(), *version)};
    }
}

bool half_made(const std::string& path) {
    const OpenedFile opened(path);
    const DataFile& file = opened.data();
    if (const std::optional<Meta> meta = file.newest_meta()) return meta->transaction == 0;
    // LMDB's first write is the two meta pages. Other contents belong to somebody.
    constexpr std::size_t first_write_max = 2 * 65536;
    return file.size() <= first_write_max &&
           file.read(0, first_write_max).find_first_not_of('\0') == Buffer::npos;
}

void check_file(const std::string& directory, tree::Tree::Findings& findings) {
    const OpenedFile opened(data_path(directory));
    const DataFile& file = opened.data();
    const std::optional<Meta> meta = file.meta_in_use();
    if (const auto damage = damage_in(file, meta)) {
        findings.report(fmt::format("{}: {}", file.path(), *damage));
        return;
    }
    StructureWalk(file, *meta, findings).run();
}

}  // namespace amphora::lmdb

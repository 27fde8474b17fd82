#include "tree/lmdb/foreign/foreign_tree.hpp"

#include "base/assert.hpp"
#include "base/file.hpp"
#include "base/system_error.hpp"
#include "tree/lmdb/foreign/view_copy.hpp"
#include "tree/lmdb/structure_walk.hpp"

#include <amphora/error.hpp>

#include <sys/stat.h>

#include <algorithm>

#include <fmt/format.h>

namespace amphora::lmdb {

namespace {

[[noreturn]] void refuse_file(const DataFile& file) {
    require_known_format(file);
    if (file.size() == 0) {
        throw Error{ErrorCode::not_a_database,
                    fmt::format("{}: is still empty: the tree is being made", file.path())};
    }
    throw Error{ErrorCode::corrupt,
                fmt::format("{}: the first two pages are damaged; restore the tree from a backup",
                            file.path())};
}

}  // namespace

std::shared_ptr<const ForeignView> ForeignTree::take(const ValidityOf& validity_of) const {
    const DataFile& file = file_->data();
    const std::optional<Meta> meta = file.steady_meta();
    if (!meta) refuse_file(file);
    if (meta->last_page >= file.size() / meta->page_bytes + missing_pages_max) {
        throw Error{
            ErrorCode::corrupt,
            fmt::format("{}: has {} bytes, but its last page ends at {}; restore the tree "
                        "from a backup",
                        file.path(), file.size(), (meta->last_page + 1) * meta->page_bytes)};
    }
    std::shared_ptr<const Validity> validity = validity_of(meta->transaction);
    AMPHORA_ASSERT(validity != nullptr);
    return std::make_shared<ForeignView>(file_, *meta, std::move(validity), identity_,
                                         options_.cache_bytes);
}

void ForeignTree::show(std::shared_ptr<const ForeignView> view) {
    AMPHORA_ASSERT(view != nullptr);
    const std::lock_guard lock{mutex_};
    shown_.swap(view);
}

std::shared_ptr<const ForeignView> ForeignTree::shown() const {
    const std::lock_guard lock{mutex_};
    AMPHORA_ASSERT(shown_ != nullptr);
    return shown_;
}

bool ForeignTree::is_replaced() const {
    const std::string& path = file_->data().path();
    struct stat open {};
    struct stat named {};
    if (::fstat(file_->descriptor(), &open) != 0) throw_system_error("fstat", path);
    if (::stat(path.c_str(), &named) != 0) {
        if (errno == ENOENT) return true;
        throw_system_error("stat", path);
    }
    return open.st_dev != named.st_dev || open.st_ino != named.st_ino;
}

tree::TreeStatistics ForeignTree::statistics() const {
    const auto view = shown();
    const ViewPages& pages = view->pages();
    tree::TreeStatistics statistics;
    statistics.bytes_on_disk = pages.file().size();
    statistics.bytes_memory = pages.cached_bytes();
    statistics.map_bytes_max = pages.meta().map_bytes;
    statistics.entries = view->entries();
    statistics.health = "ok";
    if (const auto free = StructureWalk::free_pages(pages.file(), pages.meta())) {
        const auto count = static_cast<std::uint64_t>(std::count(free->begin(), free->end(), true));
        statistics.bytes_free = count * pages.meta().page_bytes;
    } else {
        statistics.health =
            fmt::format("{}: the list of free pages is damaged; run a check", pages.file().path());
    }
    return statistics;
}

void ForeignTree::check(Findings& findings) {
    const auto view = shown();
    StructureWalk(view->pages().file(), view->pages().meta(), findings).run();
}

void ForeignTree::copy_to(const std::string& directory, const Copied& copied) {
    copy_view(shown()->pages(), directory, copied);
}

void ForeignTree::apply(std::span<const tree::Change>, const Mark&) {
    refuse();
}
void ForeignTree::hold() {
    refuse();
}
void ForeignTree::require_acceptable(Bytes, std::size_t) const {
    refuse();
}
void ForeignTree::compact() {
    refuse();
}

void ForeignTree::refuse() const {
    throw Error{ErrorCode::read_only,
                fmt::format("{}: is only read here, while another process may write it",
                            file_->data().path())};
}

std::unique_ptr<ForeignTree> open_foreign(const std::string& directory, const Identity& identity,
                                          const ForeignOptions& options) {
    const std::string path = data_path(directory);
    if (!operating_system_files().exists(path)) {
        throw Error{ErrorCode::not_a_database,
                    fmt::format("{}: there is no such file; the relational tree is missing", path)};
    }
    if (options.on_network == OnNetwork::refuse) refuse_network_filesystem(directory);
    return std::make_unique<ForeignTree>(std::make_shared<const OpenedFile>(path), identity,
                                         options);
}

}  // namespace amphora::lmdb

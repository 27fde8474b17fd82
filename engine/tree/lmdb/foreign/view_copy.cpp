#include "tree/lmdb/foreign/view_copy.hpp"

#include "base/file.hpp"
#include "tree/lmdb/file_check.hpp"

#include <amphora/error.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace amphora::lmdb {

namespace {

constexpr std::uint64_t piece_bytes = 1u << 20;

/// Returns their length. The meta pages of the file may be newer than the view, so they are made.
/// Both have the view's roots: LMDB takes the one with the larger number, and replaces the other
/// one first.
std::uint64_t write_meta_pages(File& target, const Meta& meta) {
    for (const unsigned slot : {0u, 1u}) {
        const bool is_older = slot != meta.transaction % 2;
        target.write_at(std::uint64_t{slot} * meta.page_bytes,
                        encode_meta_page(meta, slot, meta.transaction - (is_older ? 1 : 0)));
    }
    return 2 * std::uint64_t{meta.page_bytes};
}

}  // namespace

void copy_view(const ViewPages& view, const std::string& directory, const Copied& copied) {
    const DataFile& file = view.file();
    const Meta& meta = view.meta();
    if (!is_long_enough(file, meta)) {
        throw Error{ErrorCode::corrupt,
                    fmt::format("{}: the end of the file is missing; restore the tree from a "
                                "backup",
                                file.path())};
    }
    FileSystem& files = operating_system_files();
    files.make_directory(directory);
    const auto target = files.open(data_path(directory), OpenFile::create_new);
    std::uint64_t at = write_meta_pages(*target, meta);
    copied(at);
    const std::uint64_t end = (meta.last_page + 1) * meta.page_bytes;
    while (at < end) {
        const Buffer piece = file.read(at, std::min(piece_bytes, end - at));
        if (piece.empty()) break;  // only free pages are missing
        target->write_at(at, piece);
        at += piece.size();
        copied(piece.size());
    }
    target->sync();
    files.sync_directory(directory);
}

}  // namespace amphora::lmdb

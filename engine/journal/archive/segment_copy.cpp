#include "journal/archive/segment_copy.hpp"

#include "journal/archive/segment_catalog.hpp"

#include <amphora/error.hpp>

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace amphora::journal {
namespace {

std::optional<SegmentHeader> header_in(FileSystem& files, const std::string& path) {
    return decode_header(files.open(path, OpenFile::existing_read_only)->read_at(0, header_bytes),
                         path);
}

std::string name_of(const SegmentHeader& header) {
    return fmt::format("{}-{:012}-{:012}.log", to_string(header.identity.timeline), header.number,
                       number(header.prior.sequence) + 1);
}

/// Whether `path` already has all of the segment, or more: what was copied while the segment was
/// the last one may have been continued in the next one, which need not be there yet.
bool is_there(FileSystem& files, const std::string& path, const SegmentHeader& header,
              std::uint64_t bytes) {
    if (!files.exists(path)) return false;
    const auto found = header_in(files, path);
    if (!found || *found != header) {
        throw Error{
            ErrorCode::foreign_piece,
            fmt::format("{}: is there already and holds another segment than the journal: a copy "
                        "of this database has been in use; give each an archive of its own",
                        path)};
    }
    return size_of(files, path) >= bytes;
}

/// An incomplete copy is useless, and may use the last room on a disk.
void give_room_back(FileSystem& files, const std::string& partial) noexcept {
    try {
        if (files.exists(partial)) files.remove(partial);
    } catch (const std::exception&) {
        // The next attempt tries again.
    }
}

void keep_catalog(FileSystem& files, const std::string& path, const SegmentHeader& header,
                  const ArchivedCatalogs& catalogs) {
    const auto catalog = catalogs.as_of(header.prior.sequence);
    if (!catalog) return;
    write_segment_catalog(files, path,
                          {.identity = header.identity,
                           .number = header.number,
                           .salt = header.salt,
                           .prior = header.prior.sequence,
                           .ancestors = catalogs.ancestors,
                           .catalog = *catalog});
}

/// A segment that later ones do not link to was replaced, and its commits are in one of them.
void drop_replaced(std::vector<SegmentCopy>& copies) {
    std::vector<SegmentCopy> kept;
    for (auto copy = copies.rbegin(); copy != copies.rend(); ++copy) {
        const SegmentHeader& header = copy->header;
        const bool replaced = !kept.empty() && kept.back().header.identity == header.identity &&
                              kept.back().header.predecessor.number < header.number;
        if (!replaced) kept.push_back(std::move(*copy));
    }
    copies.assign(std::make_move_iterator(kept.rbegin()), std::make_move_iterator(kept.rend()));
}

}  // namespace

std::uint64_t copied_extent(const SegmentCopy& copy, const SegmentCopy* after) noexcept {
    if (after == nullptr) return copy.bytes;
    const SegmentHeader::Link& link = after->header.predecessor;
    const bool is_linked = link.number == copy.header.number && link.salt == copy.header.salt;
    return is_linked ? link.end : copy.bytes;
}

void make_archive(FileSystem& files, const std::string& directory) {
    files.make_directory(directory);
    files.sync_directory(directory + "/..");
}

bool copy_segment(FileSystem& files, const SegmentExtent& segment, const std::string& directory,
                  const Copied& copied, const ArchivedCatalogs* catalogs) {
    const auto header = header_in(files, segment.path);
    if (!header) {
        throw Error{ErrorCode::corrupt,
                    fmt::format("{}, offset 0: the header does not verify; the segment cannot be "
                                "copied",
                                place_of(segment.path))};
    }
    const std::string path = directory + "/" + name_of(*header);
    const bool lacks_it = !is_there(files, path, *header, segment.end);
    if (catalogs != nullptr && catalogs->as_of) keep_catalog(files, path, *header, *catalogs);
    if (lacks_it) {
        const std::string partial = path + ".partial";
        if (files.exists(partial)) files.remove(partial);
        try {
            copy_file(files, segment.path, partial, segment.end, copied);
        } catch (...) {
            give_room_back(files, partial);
            throw;
        }
        files.rename(partial, path);
    }
    // Also if it was there: the process that copied it may have ended before this.
    files.sync_directory(directory);
    return lacks_it;
}

std::vector<SegmentCopy> find_copies(FileSystem& files, std::span<const std::string> directories,
                                     const std::optional<Identity>& timeline) {
    std::vector<SegmentCopy> copies;
    for (const std::string& directory : directories) {
        for (const std::string& name : files.list(directory)) {
            if (!name.ends_with(".log")) continue;
            const std::string path = fmt::format("{}/{}", directory, name);
            const auto header = header_in(files, path);
            if (!header || (timeline && header->identity != *timeline)) continue;
            copies.push_back({.path = path, .header = *header, .bytes = size_of(files, path)});
        }
    }
    const auto key = [](const SegmentCopy& copy) {
        return std::tuple(copy.header.identity, copy.header.number);
    };
    std::sort(copies.begin(), copies.end(), [&](const SegmentCopy& left, const SegmentCopy& right) {
        return key(left) != key(right) ? key(left) < key(right) : left.bytes > right.bytes;
    });
    const auto same_segment = [&](const SegmentCopy& left, const SegmentCopy& right) {
        return key(left) == key(right);
    };
    copies.erase(std::unique(copies.begin(), copies.end(), same_segment), copies.end());
    drop_replaced(copies);
    return copies;
}

}  // namespace amphora::journal

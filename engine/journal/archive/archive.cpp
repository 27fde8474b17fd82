#include "journal/archive/archive.hpp"

#include "journal/archive/segment_copy.hpp"
#include "journal/segment/segment_reader.hpp"

#include <optional>

namespace amphora::journal {
namespace {

struct Moment {
    Mark mark;
    std::int64_t time_us = 0;
};

/// The last commit of a copy, or the one before it if it has none.
Moment end_of(FileSystem& files, const SegmentCopy& copy) {
    Moment end{.mark = copy.header.prior, .time_us = copy.header.prior_time_us};
    const auto file = files.open(copy.path, OpenFile::existing_read_only);
    SegmentReader scan{*file, copy.header};
    while (const auto frame = scan.next()) {
        if (!has_commits(frame->header)) continue;
        end = {.mark = {.epoch = frame->header.epoch,
                        .sequence = frame->header.last(),
                        .chain = frame->header.checksum},
               .time_us = frame->header.time_us};
    }
    return end;
}

bool continues(FileSystem& files, const SegmentHeader& header, const SegmentCopy& before) {
    if (header.identity != before.header.identity) return false;
    const SegmentHeader::Link& link = header.predecessor;
    if (link.number == before.header.number && link.salt == before.header.salt) {
        return link.end <= before.bytes;
    }
    // A segment without commits between them may have been recycled; it is not needed.
    return end_of(files, before).mark == header.prior;
}

}  // namespace

std::vector<ArchivedRun> list_archive(FileSystem& files, const std::string& directory) {
    const std::vector<SegmentCopy> copies = find_copies(files, {&directory, 1}, std::nullopt);
    std::vector<ArchivedRun> runs;
    for (std::size_t i = 0; i < copies.size(); ++i) {
        const SegmentHeader& header = copies[i].header;
        const bool is_linked = i > 0 && continues(files, header, copies[i - 1]);
        if (!is_linked) {
            runs.push_back({.identity = header.identity,
                            .first = next(header.prior.sequence),
                            .last = {},
                            .first_us = header.prior_time_us});
        }
        ArchivedRun& run = runs.back();
        run.segments += 1;
        run.bytes += copies[i].bytes;
        const bool ends =
            i + 1 == copies.size() || !continues(files, copies[i + 1].header, copies[i]);
        if (!ends) continue;
        const Moment end = end_of(files, copies[i]);
        run.last = end.mark.sequence;
        run.last_us = end.time_us;
    }
    return runs;
}

}  // namespace amphora::journal

#include "journal/recovery/survey.hpp"

#include "journal/recovery/found_chain.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace amphora::journal {
namespace {

/// Checks the commits through the frames: no gaps, and in one epoch times that never decrease.
struct Progress {
    Mark last;
    std::int64_t time_us = 0;

    void pass(const std::string& path, std::uint64_t offset, const FrameHeader& header) {
        if (!has_commits(header)) return;
        if (header.commits == 0 || header.first != next(last.sequence) ||
            header.epoch < last.epoch || (header.epoch == last.epoch && header.time_us < time_us)) {
            corrupt_at(path, offset,
                       fmt::format("the frame of commit {} follows commit {}", number(header.first),
                                   number(last.sequence)));
        }
        last = {.epoch = header.epoch, .sequence = header.last(), .chain = header.checksum};
        time_us = header.time_us;
    }
};

/// One frame of the newest segment, while it is not known how far the proof reaches.
struct OpenFrame {
    FrameHeader header;
    std::uint64_t end = 0;
    Buffer bytes;
};

struct OpenEnd {
    std::vector<OpenFrame> frames;
    std::uint64_t durable_offset = header_bytes;
    bool header_proven = false;
};

// Marks come in the order of the trees.
std::string tree_of(std::span<const Mark> marks, std::size_t place) {
    if (marks.size() != trees_count) return "a tree";
    return fmt::format("the {} tree", to_string(trees_all[place]));
}

// Throws `foreign_piece` if a tree lacks more than the chain holds, `corrupt` if the reason is a
// damaged header.
void require_reaches(const FoundChain& found, std::span<const Mark> marks) {
    const FoundSegment& oldest = found.segments.front();
    const Sequence prior = oldest.header.prior.sequence;
    for (std::size_t i = 0; i < marks.size(); ++i) {
        const Mark& mark = marks[i];
        if (mark.sequence >= prior) continue;
        if (!found.damaged.empty()) {
            throw Error{
                ErrorCode::corrupt,
                fmt::format("{}, offset 0: the header does not verify, and commits {} to {} "
                            "are missing; restore the file from a backup",
                            place_of(found.damaged.front()), number(mark.sequence) + 1,
                            number(prior))};
        }
        throw Error{
            ErrorCode::foreign_piece,
            fmt::format("{}: the journal begins with commit {}, but {} ends with commit {}: "
                        "the tree is older than the journal, or segments are missing; put back "
                        "all parts from one backup",
                        place_of(oldest.path), number(prior) + 1, tree_of(marks, i),
                        number(mark.sequence))};
    }
}

// Throws `foreign_piece` if a tree has a later commit than the journal, or another history. In the
// second case it also empties the survey, because in a rescue nothing of such a journal may be read
// over the trees. Marks before the beginning of the journal are not compared.
void require_fit(Survey& survey, std::span<const Mark> marks) {
    for (std::size_t i = 0; i < marks.size(); ++i) {
        const Mark& mark = marks[i];
        if (mark.sequence < survey.index.prior().sequence) continue;
        const auto held = survey.index.find(mark.sequence);
        if (!held) {
            throw Error{
                ErrorCode::foreign_piece,
                fmt::format("{}: the journal ends with commit {}, but {} ends with commit {}: "
                            "the journal is older than the tree; put back all parts from one "
                            "backup",
                            place_of(survey.newest), number(survey.index.last().sequence),
                            tree_of(marks, i), number(mark.sequence))};
        }
        if (mark.sequence == Sequence{}) continue;
        if (held->epoch == mark.epoch && held->chain == mark.chain) continue;
        survey.chain.clear();
        survey.unproven.clear();
        throw Error{
            ErrorCode::foreign_piece,
            fmt::format("{}: commit {} of the journal (epoch {}) is not the one that {} "
                        "ends with (epoch {}): they come from two copies of the database, or "
                        "two moments; put back all parts from one backup",
                        place_of(survey.newest), number(mark.sequence), number(held->epoch),
                        tree_of(marks, i), number(mark.epoch))};
    }
}

class Surveyor {
  public:
    Surveyor(FileSystem& files, FoundChain found, std::span<const Mark> marks, SegmentFiles kind,
             AtDamage at_damage)
        : files_{files},
          found_{std::move(found)},
          marks_{marks},
          kind_{kind},
          at_damage_{at_damage} {}

    Survey run() && {
        survey_.epoch_highest = found_.epoch_highest;
        survey_.number_highest = found_.number_highest;
        survey_.newest = found_.segments.back().path;
        survey_.outside = found_.outside;
        survey_.headless = found_.headless;
        survey_.damage = found_.damage;
        const SegmentHeader& oldest = found_.segments.front().header;
        survey_.index.start_after(oldest.prior);
        progress_ = {.last = oldest.prior, .time_us = oldest.prior_time_us};
        try {
            if (at_damage_ == AtDamage::refuse) require_reaches(found_, marks_);
            pass_all();
            require_newest();
            require_fit(survey_, marks_);
            survey_.closed_cleanly = survey_.closed_cleanly || is_never_written();
        } catch (const Error& error) {
            if (at_damage_ == AtDamage::refuse) throw;
            end_at(error);
        }
        return std::move(survey_);
    }

  private:
    void pass_all() {
        // What the newest segment's header says about earlier segments was true when it was
        // written, even if that header itself is not durable.
        for (std::size_t i = 0; i + 1 < found_.segments.size(); ++i) {
            pass_closed(found_.segments[i], found_.segments[i + 1].header.predecessor);
        }
        pass_newest(found_.segments.back());
    }

    /// Copies are made while the journal is written: the last one may name a segment that is not
    /// copied.
    void require_newest() {
        if (found_.lost == 0 || kind_ == SegmentFiles::copies) return;
        const std::string what = fmt::format(
            "{}: the next segment, number {}, is missing or its header does not verify; commits "
            "after {} are lost with it; put back the journal folder from a backup",
            place_of(found_.lost_after), found_.lost, number(progress_.last.sequence));
        if (at_damage_ == AtDamage::refuse) throw Error{ErrorCode::corrupt, what};
        survey_.damage.push_back(what);
    }

    /// Whether no writer can have been interrupted, although there is no closing mark: a backup's
    /// journal is a copy, and a new database has only the header that it was made with.
    [[nodiscard]] bool is_never_written() const {
        if (!survey_.damage.empty()) return false;
        if (kind_ == SegmentFiles::copies) return true;
        if (found_.segments.size() != 1 || survey_.chain.size() != 1) return false;
        const ChainSegment& only = survey_.chain.front();
        return only.header.number == 1 && only.end == header_bytes && survey_.unproven.empty() &&
               survey_.bytes_cut == 0;
    }

    /// Ends the journal after what has verified so far.
    void end_at(const Error& error) {
        survey_.damage.push_back(error.what());
        if (!good_.path.empty()) survey_.chain.push_back(std::move(good_));
        survey_.proven = progress_.last;
        survey_.last_time_us = survey_.proven_time_us = progress_.time_us;
    }

    void pass_closed(const FoundSegment& found, const SegmentHeader::Link& extent) {
        ChainSegment segment{.path = found.path,
                             .header = found.header,
                             .end = extent.end,
                             .chain = extent.chain,
                             .last = {}};
        require_prior(found);
        begin_segment(found);
        walk_segment(files_, segment,
                     [&](const SegmentReader::Frame& frame) { note(found.path, frame); });
        segment.last = progress_.last;
        survey_.chain.push_back(std::move(segment));
        survey_.proven = progress_.last;
        survey_.proven_time_us = progress_.time_us;
        good_ = {};
    }

    void pass_newest(const FoundSegment& found) {
        const auto file = files_.open(found.path, OpenFile::existing_read_only);
        if (kind_ == SegmentFiles::own) require_whole(found, file->size());
        require_prior(found);
        begin_segment(found);
        SegmentReader scan(*file, found.header);
        OpenEnd open = read_open_end(found, scan);
        const SegmentReader::Beyond beyond = survey_.closed_cleanly
                                                 ? SegmentReader::Beyond{.end = scan.position()}
                                                 : scan.look_beyond();
        open.durable_offset = std::max(open.durable_offset, beyond.durable_offset);
        if (beyond.next_frame != 0) {
            corrupt_at(found.path, beyond.next_frame,
                       fmt::format("the frame after commit {} is here instead of at offset {}: the "
                                   "disk has moved it; restore the file from a backup",
                                   number(progress_.last.sequence), scan.position()));
        }
        if (open.durable_offset > scan.position() || marked_beyond(beyond, scan)) {
            damaged_frame(found.path, scan.position(), progress_.last.sequence);
        }
        if (beyond.end > scan.position()) {
            survey_.bytes_cut = beyond.end - scan.position();
            survey_.cut_place = fmt::format("{}, offset {}", place_of(found.path), scan.position());
        }
        survey_.newest_verified = good_;
        divide(found, open);
        good_ = {};
    }

    /// Everything in the newest segment that verifies along the chain.
    OpenEnd read_open_end(const FoundSegment& found, SegmentReader& scan) {
        // The very first segment was synced before the database existed.
        OpenEnd open;
        open.header_proven = found.header.predecessor.number == 0;
        std::size_t released = 0;
        while (const auto frame = scan.next()) {
            const FrameHeader& header = frame->header;
            note(found.path, *frame);
            if (header.kind != FrameKind::copied) open.header_proven = true;
            survey_.closed_cleanly = header.kind == FrameKind::closing;
            open.durable_offset =
                std::max<std::uint64_t>(open.durable_offset, header.durable_offset);
            if (has_commits(header) && marked(header)) {
                open.durable_offset = std::max(open.durable_offset, frame->end());
                open.header_proven = true;
            }
            open.frames.push_back({.header = header, .end = frame->end(), .bytes = {}});
            if (has_commits(header)) open.frames.back().bytes = Buffer(frame->bytes);
            // What is proven need not stay in memory.
            while (released < open.frames.size() &&
                   open.frames[released].end <= open.durable_offset) {
                Buffer{}.swap(open.frames[released++].bytes);
            }
        }
        if (scan.position() < found.header.copies_end) {
            damaged_frame(found.path, scan.position(), progress_.last.sequence);
        }
        return open;
    }

    /// Splits the newest segment into what is proven and what is not.
    void divide(const FoundSegment& found, OpenEnd& open) {
        ChainSegment segment{.path = found.path,
                             .header = found.header,
                             .end = header_bytes,
                             .chain = found.header.salt,
                             .last = survey_.chain.empty() ? found.header.prior : survey_.proven};
        std::int64_t time_us = found.header.prior_time_us;
        for (OpenFrame& frame : open.frames) {
            if (open.header_proven &&
                frame.end <= std::max(open.durable_offset, found.header.copies_end)) {
                segment.end = frame.end;
                segment.chain = frame.header.checksum;
                if (!has_commits(frame.header)) continue;
                segment.last = {.epoch = frame.header.epoch,
                                .sequence = frame.header.last(),
                                .chain = frame.header.checksum};
                time_us = frame.header.time_us;
            } else if (has_commits(frame.header)) {
                survey_.unproven.push_back(
                    {.header = frame.header, .bytes = std::move(frame.bytes)});
            }
        }
        survey_.last_time_us = progress_.time_us;
        if (open.header_proven) {
            survey_.proven = segment.last;
            survey_.proven_time_us = time_us;
            survey_.chain.push_back(std::move(segment));
        } else {
            survey_.superseded = found.path;
            survey_.superseded_salt = found.header.salt;
            survey_.link_if_empty = found.header.predecessor;
            survey_.proven = found.header.prior;
            survey_.proven_time_us = found.header.prior_time_us;
        }
    }

    void begin_segment(const FoundSegment& found) {
        good_ = {.path = found.path,
                 .header = found.header,
                 .end = header_bytes,
                 .chain = found.header.salt,
                 .last = progress_.last};
    }

    void note(const std::string& path, const SegmentReader::Frame& frame) {
        progress_.pass(path, frame.offset, frame.header);
        if (has_commits(frame.header)) survey_.index.add(progress_.last);
        good_.end = frame.end();
        good_.chain = frame.header.checksum;
        good_.last = progress_.last;
    }

    /// Segments are filled before they are used. One that has become shorter may have lost frames
    /// that were durable, and nothing after its end is left that could prove it.
    void require_whole(const FoundSegment& found, std::uint64_t file_bytes) const {
        if (file_bytes >= found.header.file_bytes) return;
        corrupt_at(
            found.path, file_bytes,
            fmt::format("the file has {} bytes instead of {}: its end is missing; last commit "
                        "before this segment is {}; restore the file from a backup",
                        file_bytes, found.header.file_bytes, number(found.header.prior.sequence)));
    }

    void require_prior(const FoundSegment& found) {
        if (found.header.prior.sequence != progress_.last.sequence) {
            corrupt_at(
                found.path, 0,
                fmt::format("the segment follows commit {}, but the one before ends with {}",
                            number(found.header.prior.sequence), number(progress_.last.sequence)));
        }
    }

    bool marked(const FrameHeader& header) const {
        return std::any_of(marks_.begin(), marks_.end(), [&](const Mark& mark) {
            return mark.sequence >= header.first && mark.sequence <= header.last() &&
                   mark.chain == header.checksum && mark.epoch == header.epoch;
        });
    }

    /// A tree holds a commit after the end, and there are bytes of this segment: damage, and not
    /// the wrong journal.
    bool marked_beyond(const SegmentReader::Beyond& beyond, const SegmentReader& scan) const {
        if (beyond.end <= scan.position()) return false;
        return std::any_of(marks_.begin(), marks_.end(), [&](const Mark& mark) {
            return mark.sequence > progress_.last.sequence;
        });
    }

    FileSystem& files_;
    FoundChain found_;
    std::span<const Mark> marks_;
    const SegmentFiles kind_;
    const AtDamage at_damage_;
    Survey survey_;
    Progress progress_;
    ChainSegment good_;  // the verified part of the segment that is being read
};

}  // namespace

std::vector<std::string> segment_paths(FileSystem& files, const std::string& directory) {
    std::vector<std::string> paths;
    for (const std::string& name : files.list(directory)) {
        if (name.ends_with(".log")) paths.push_back(fmt::format("{}/{}", directory, name));
    }
    return paths;
}

Survey survey_journal(FileSystem& files, const std::string& directory, const Identity& identity,
                      std::span<const Mark> marks, SegmentFiles kind, AtDamage at_damage) {
    FoundChain found = find_chain(files, directory, identity, at_damage);
    if (at_damage == AtDamage::end) end_before_gap(found, marks);
    return Surveyor(files, std::move(found), marks, kind, at_damage).run();
}

}  // namespace amphora::journal

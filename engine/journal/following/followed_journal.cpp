#include "journal/following/followed_journal.hpp"

#include "base/assert.hpp"
#include "journal/following/followed_cursor.hpp"
#include "journal/following/overtaken.hpp"
#include "journal/following/present_file.hpp"

#include <amphora/error.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace amphora::journal {
namespace {

/// While segments are recycled at full speed, a look at all headers may find gaps.
constexpr int looks_max = 8;

[[noreturn]] void raise(const std::string& what) {
    throw Overtaken("the journal: " + what);
}

/// In the chain, the last segment that begins at or before `sequence`.
std::size_t place_of_commit(const std::vector<FoundSegment>& chain, Sequence sequence) {
    std::size_t place = 0;
    while (place + 1 < chain.size() && chain[place + 1].header.prior.sequence <= sequence) ++place;
    return place;
}

void require_begin(Sequence prior, Sequence needed) {
    if (prior <= needed) return;
    raise(fmt::format("begins with commit {}, and {} is wanted", number(prior) + 1,
                      number(needed) + 1));
}

void require_held(const std::vector<FoundSegment>& chain, const Mark& needed) {
    require_begin(chain.front().header.prior.sequence, needed.sequence);
    for (const FoundSegment& segment : chain) {
        if (segment.header.prior.sequence != needed.sequence) continue;
        if (segment.header.prior != needed) {
            raise(fmt::format("{} follows another commit {}", place_of(segment.path),
                              number(needed.sequence)));
        }
    }
}

}  // namespace

std::unique_ptr<FollowedJournal> FollowedJournal::open(FileSystem& files,
                                                       const std::string& directory,
                                                       const Identity& identity,
                                                       const Mark& oldest_needed, Sequence limit) {
    for (int looks = 1;; ++looks) {
        try {
            return std::unique_ptr<FollowedJournal>{
                new FollowedJournal{files, directory, identity, oldest_needed, limit}};
        } catch (const Overtaken&) {
            if (looks == looks_max) throw;
        }
    }
}

FollowedJournal::FollowedJournal(FileSystem& files, std::string directory, const Identity& identity,
                                 const Mark& oldest_needed, Sequence limit)
    : files_{files}, directory_{std::move(directory)}, identity_{identity} {
    const std::vector<FoundSegment> chain = SeenSegments{files_, directory_, identity_}.chain();
    require_held(chain, oldest_needed);
    recovery_.epoch = chain.back().header.epoch;
    begin_at(chain, limit);
    read_up_to(limit, [](const Entry&) {});
    if (reached_.sequence < oldest_needed.sequence) {
        raise(fmt::format("ends with commit {}, before commit {}, which a tree shows",
                          number(reached_.sequence), number(oldest_needed.sequence)));
    }
    publish();
    // Segments may have been recycled since the chain was found.
    const Sequence prior = chain_.front().header.prior.sequence;
    require_begin(prior, oldest_needed.sequence);
    recovery_.last = reached_.sequence;
    if (prior < recovery_.last) recovery_.oldest = next(prior);
}

FollowedJournal::~FollowedJournal() = default;

/// Reading begins in the last segment that begins at or before `limit`: what the earlier ones hold
/// is known from the headers.
void FollowedJournal::begin_at(const std::vector<FoundSegment>& chain, Sequence limit) {
    const std::size_t place = place_of_commit(chain, limit);
    for (std::size_t i = 0; i < place; ++i) {
        const SegmentHeader& after = chain[i + 1].header;
        chain_.push_back({.path = chain[i].path,
                          .header = chain[i].header,
                          .end = after.predecessor.end,
                          .chain = after.predecessor.chain,
                          .last = after.prior});
    }
    successor_ = chain[place];
    begin_successor();
    if (place + 1 < chain.size()) {
        successor_ = chain[place + 1];
        newest_->end_at(successor_->header.predecessor);
    }
}

Sequence FollowedJournal::advance(Sequence limit, const Visit& visit) {
    if (failed()) raise("was overtaken earlier; begin again");
    if (limit <= visible()) return visible();
    try {
        // The frame whose commits are being given stays where it was read.
        read_up_to(limit, [&](const Entry& entry) {
            if (entry.epoch != recovery_.epoch) raise("has been opened again by its owner");
            visit(entry);
        });
        publish();
    } catch (...) {
        failed_.store(true);
        tell_cursors();
        throw;
    }
    tell_cursors();
    return visible();
}

void FollowedJournal::read_up_to(Sequence limit, const Visit& visit) {
    bool is_fresh = false;
    while (reached_.sequence < limit) {
        if (const auto entry = entries_.next()) {
            if (entry->sequence != next(reached_.sequence)) {
                raise(fmt::format("continues with commit {} after commit {}",
                                  number(entry->sequence), number(reached_.sequence)));
            }
            visit(*entry);
            reached_ = {.epoch = entry->epoch, .sequence = entry->sequence, .chain = entry->chain};
            continue;
        }
        if (!std::exchange(is_fresh, true)) newest_->look_again();
        if (!read_on()) break;
    }
    // A new opening that cut frames has named its segment before it wrote the first commit. So what
    // was read is valid if no successor is named now, or one that is linked to the end of it.
    if (!newest_->has_end()) (void)find_successor();
}

/// One step: the next frame, or to the next segment. False: there is neither.
bool FollowedJournal::read_on() {
    if (const auto frame = newest_->next()) {
        entries_.begin(newest_->path(), frame->header, frame->bytes, reached_.sequence);
        return true;
    }
    if (!newest_->has_end()) return find_successor();
    begin_successor();
    return true;
}

/// Looks for the segment after the newest. False: there is none. Frames may come before its end
/// that were not written when they were last looked for.
bool FollowedJournal::find_successor() {
    const auto named = newest_->successor();
    if (!named) return false;
    const SeenSegments seen{files_, directory_, identity_};
    const FoundSegment* const found = seen.find(named->number, named->salt);
    if (found == nullptr) {
        raise(fmt::format("segment {}, which follows {}, is not there any more", named->number,
                          place_of(newest_->path())));
    }
    newest_->end_at(found->header.predecessor);
    successor_ = *found;
    drop_recycled(seen);
    return true;
}

void FollowedJournal::begin_successor() {
    const SegmentHeader& header = successor_->header;
    if (newest_ && header.prior.sequence != reached_.sequence) {
        raise(fmt::format("{} follows commit {}, and the segment before it ends with {}",
                          place_of(successor_->path), number(header.prior.sequence),
                          number(reached_.sequence)));
    }
    if (header.epoch > recovery_.epoch) raise("has been opened again by its owner");
    if (newest_) note_end();
    reached_ = header.prior;
    entries_.clear();
    newest_.emplace(files_, *std::exchange(successor_, std::nullopt));
    const std::lock_guard lock{mutex_};
    chain_.push_back({.path = newest_->path(),
                      .header = newest_->header(),
                      .end = header_bytes,
                      .chain = newest_->header().salt,
                      .last = reached_});
}

void FollowedJournal::note_end() {
    const std::lock_guard lock{mutex_};
    chain_.back().end = newest_->position();
    chain_.back().chain = newest_->chain();
    chain_.back().last = reached_;
}

void FollowedJournal::publish() {
    note_end();
    const std::lock_guard lock{mutex_};
    last_ = reached_;
    visible_.store(reached_.sequence);
}

/// Segments that were not seen any more. The newest one stays: it is being read.
void FollowedJournal::drop_recycled(const SeenSegments& seen) {
    const std::lock_guard lock{mutex_};
    while (chain_.size() > 1) {
        const SegmentHeader& oldest = chain_.front().header;
        if (seen.find(oldest.number, oldest.salt) != nullptr) return;
        chain_.pop_front();
    }
}

void FollowedJournal::begin(FollowedCursor& cursor) {
    const std::lock_guard lock{mutex_};
    cursors_.push_back(&cursor);
}

void FollowedJournal::end(FollowedCursor& cursor) noexcept {
    const std::lock_guard lock{mutex_};
    std::erase(cursors_, &cursor);
}

void FollowedJournal::tell_cursors() noexcept {
    const std::lock_guard lock{mutex_};
    for (FollowedCursor* const cursor : cursors_) cursor->tell_more();
    moved_.notify_all();
}

std::optional<ChainSegment> FollowedJournal::segment_after(Sequence after) const {
    const std::lock_guard lock{mutex_};
    auto at = chain_.rbegin();
    while (at != chain_.rend() && at->header.prior.sequence > after) ++at;
    if (at == chain_.rend()) return std::nullopt;
    return *at;
}

void FollowedJournal::require_present(const ChainSegment& segment) const {
    if (const auto file = find_file(files_, segment.path)) {
        const auto header = decode_header(file->read_at(0, header_bytes), segment.path);
        if (header == segment.header) return;
    }
    throw Overtaken(
        fmt::format("{}: the changes after commit {} are not in the journal any more; "
                    "begin again at the oldest change, or with a snapshot",
                    place_of(segment.path), number(segment.header.prior.sequence)));
}

std::vector<ChainSegment> FollowedJournal::segments_read() const {
    const std::lock_guard lock{mutex_};
    return {chain_.begin(), chain_.end()};
}

std::unique_ptr<JournalCursor> FollowedJournal::cursor(HoldOptions /*options*/) {
    return std::make_unique<FollowedCursor>(*this, files_);
}

std::unique_ptr<PositionHold> FollowedJournal::hold(HoldOptions /*options*/, Sequence /*after*/) {
    throw Error{ErrorCode::read_only, "the journal was opened read-only, and can hold nothing"};
}

void FollowedJournal::reserve(std::size_t) {
    throw Error{ErrorCode::read_only, "the journal was opened read-only"};
}

void FollowedJournal::append(Sequence, Durability, Buffer, CommitTags /*tags*/) noexcept {
    AMPHORA_ASSERT(!"a journal that is followed takes no commits");
}

void FollowedJournal::await_visible(Sequence sequence) {
    if (sequence <= visible()) return;
    throw Error{ErrorCode::timeout,
                fmt::format("commit {} is not visible here yet, only {} are; refresh first",
                            number(sequence), number(visible()))};
}

Mark FollowedJournal::mark_of(Sequence sequence) const {
    if (sequence == Sequence{}) return {};
    const auto segment = segment_after(Sequence{number(sequence) - 1});
    if (!segment || sequence > visible()) {
        raise(fmt::format("does not hold commit {}", number(sequence)));
    }
    try {
        SegmentWalk walk{files_, *segment};
        while (const auto frame = walk.next()) {
            if (!has_commits(frame->header) || frame->header.last() < sequence) continue;
            return {.epoch = frame->header.epoch,
                    .sequence = sequence,
                    .chain = frame->header.checksum};
        }
    } catch (const Error&) {
        require_present(*segment);
        throw;
    }
    raise(fmt::format("does not hold commit {}", number(sequence)));
}

JournalBytes FollowedJournal::bytes() const noexcept {
    const std::lock_guard lock{mutex_};
    JournalBytes bytes;
    for (const ChainSegment& segment : chain_) bytes.live += segment.end;
    bytes.closed = bytes.live - chain_.back().end;
    return bytes;
}

std::vector<SegmentExtent> FollowedJournal::segments() const {
    std::vector<SegmentExtent> extents;
    for (const ChainSegment& segment : segments_read()) {
        extents.push_back({.path = segment.path,
                           .number = segment.header.number,
                           .end = segment.end,
                           .prior = segment.header.prior.sequence,
                           .last = segment.last.sequence});
    }
    extents.back().is_last = true;
    return extents;
}

void FollowedJournal::close() {
    closed_.store(true);
    tell_cursors();
}

JournalStatistics FollowedJournal::statistics() const {
    const std::vector<ChainSegment> segments = segments_read();
    return {.recycled = segments.front().header.prior.sequence,
            .durable = visible(),
            .written = visible(),
            .appended = visible(),
            .bytes = bytes(),
            .segments_live = segments.size()};
}

/// Throws `Overtaken` if a finding says only that the segment was recycled meanwhile.
void FollowedJournal::check_present(const ChainSegment& segment, const ChainSegment* after,
                                    const std::function<void(std::string)>& report) const {
    std::optional<std::string> finding;
    try {
        finding = check_segment(files_, segment, after);
    } catch (const Error&) {
        require_present(segment);
        throw;
    }
    if (!finding) return;
    require_present(segment);
    report(*std::move(finding));
}

void FollowedJournal::check(const std::function<void(std::string)>& report) {
    const std::vector<ChainSegment> segments = segments_read();
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const ChainSegment* const after = i + 1 < segments.size() ? &segments[i + 1] : nullptr;
        try {
            check_present(segments[i], after, report);
        } catch (const Overtaken&) {
            continue;  // recycled while it was read
        }
    }
}

}  // namespace amphora::journal

#include "events/feed.hpp"

#include "base/assert.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace amphora::events {

using journal::JournalCursor;

Feed::Feed(FeedSource source, std::span<const Selection> selections)
    : kind_{source.kind},
      lineage_{std::move(source.lineage)},
      history_{std::move(source.schema), std::move(source.versions)},
      selector_{history_.newest(), selections},
      cursor_{source.cursor(selector_.wanted())},
      reader_{history_},
      position_{after(cursor_->position())} {}

void Feed::seek_end() {
    seek(after(cursor_->durable()));
}

FeedPosition Feed::require_known(const FeedPosition& position) const {
    const Uuid timeline{position.timeline()};
    switch (lineage_.standing(timeline, position.sequence())) {
        case Standing::own:
            break;
        case Standing::unknown:
            throw Error{ErrorCode::unknown_position,
                        fmt::format("position {} is of another timeline than {}, in which the "
                                    "database is, and of none that it comes from; it belongs to "
                                    "another database: begin again with a snapshot, or at the "
                                    "oldest change",
                                    to_string(position), to_string(lineage_.timeline))};
        case Standing::left_out: {
            const Ancestor* const ancestor = lineage_.find(timeline);
            AMPHORA_ASSERT(ancestor != nullptr);  // or it would be unknown
            const FeedPosition last = after(ancestor->last);
            throw Error{
                ErrorCode::unknown_position,
                fmt::format("position {} is on an abandoned branch: this database was restored to "
                            "commit {}, and does not have the later commits of that timeline; "
                            "begin again with a snapshot, or continue after {} if what was done "
                            "for the later ones may stay",
                            to_string(position), number(last.sequence()), to_string(last))};
        }
        case Standing::repaired:
            throw Error{ErrorCode::feed_gap,
                        fmt::format("position {} is from before a repair of this database, which "
                                    "may have lost changes after it; begin again with a snapshot",
                                    to_string(position))};
    }
    if (position.sequence() > cursor_->durable() && kind_ == FeedSource::Kind::archive) {
        throw Error{ErrorCode::unknown_position,
                    fmt::format("position {} is after the last commit in the archive, {}; wait "
                                "until later ones are archived, or read them from the database",
                                to_string(position), number(cursor_->durable()))};
    }
    if (position.sequence() > cursor_->durable()) {
        throw Error{ErrorCode::unknown_position,
                    fmt::format("position {} is after the last durable commit, {}; it comes from a "
                                "later copy of this database: begin again at the oldest change, or "
                                "with a snapshot",
                                to_string(position), number(cursor_->durable()))};
    }
    return after(position.sequence(), position.index());
}

void Feed::seek(const FeedPosition& position) {
    return_to(require_known(position));
    snapshot_.reset();
    chunks_.reset();
}

/// Cursor and reader to a position that is known.
void Feed::return_to(const FeedPosition& position) {
    const bool is_between = !position.is_whole_commit() && position.sequence() != Sequence{};
    seek_commit(is_between ? Sequence{number(position.sequence()) - 1} : position.sequence(),
                position);
    history_.forget_place();
    in_commit_ = false;
    position_ = is_between ? position : after(position.sequence());
    is_astray_ = is_between;
    if (is_between) take_up(position);
}

void Feed::seek_snapshot(std::shared_ptr<const transaction::Reading> snapshot) {
    const Sequence seen = snapshot->commit_seen().sequence;
    // What a power cut could take back is not shown.
    AMPHORA_ASSERT(seen <= cursor_->durable());
    seek(after(seen));
    snapshot_.emplace(history_.newest(), std::move(snapshot),
                      selector_.spaces_read(history_.newest()));
}

void Feed::seek_chunks(ChunkedSnapshot::TakeSnapshot take, const std::optional<FeedPlace>& after) {
    seek(after ? after->position : this->after(cursor_->durable()));
    chunk_as_of_.reset();
    if (after && after->snapshot && after->snapshot->is_again) {
        // What is not selected any more is not read any more.
        if (const auto space = space_read(after->snapshot->name)) {
            chunks_.emplace(history_.newest(), *space, std::move(take), after->snapshot->key);
        }
        return;
    }
    std::vector<SpaceId> spaces = selector_.spaces_read(history_.newest());
    if (spaces.empty()) return;
    chunks_.emplace(history_.newest(), std::move(spaces), std::move(take),
                    after ? after->snapshot : std::nullopt);
}

std::optional<SpaceId> Feed::space_read(std::string_view name) const {
    const std::vector<SpaceId> read = selector_.spaces_read(history_.newest());
    const auto space = history_.newest().space_of(name);
    if (!space || !std::ranges::binary_search(read, *space)) return std::nullopt;
    return space;
}

bool Feed::read_again(ChunkedSnapshot::TakeSnapshot take, std::string_view name) {
    AMPHORA_ASSERT(!chunks_ && !snapshot_);
    const auto space = space_read(name);
    if (!space) return false;
    chunk_as_of_.reset();
    chunks_.emplace(history_.newest(), *space, std::move(take), Bytes{});
    return true;
}

void Feed::seek_commit(Sequence after, const FeedPosition& position) {
    const JournalCursor::Seek found = cursor_->seek(after);
    if (found == JournalCursor::Seek::found) return;
    // A commit that was durable once is durable.
    throw Error{ErrorCode::feed_gap,
                fmt::format("the changes after position {} are not in the journal any more; begin "
                            "again at the oldest change, or with a snapshot, or read them from an "
                            "archive",
                            to_string(position))};
}

/// Passes the changes of a commit up to the position.
void Feed::take_up(const FeedPosition& position) {
    const auto entry = cursor_->next();
    is_astray_ = false;
    in_commit_ = entry.has_value();
    if (entry) reader_.begin(*entry);
    if (!entry || entry->sequence > position.sequence()) {
        position_ = after(position.sequence());  // nothing of that commit is wanted
        return;
    }
    AMPHORA_ASSERT(entry->sequence == position.sequence());  // it is durable
    for (std::uint32_t index = 0; index < position.index() && in_commit_;) {
        const CommitChange* const change = reader_.next();
        in_commit_ = change != nullptr && !change->is_last;
        if (change != nullptr) index = change->index;
    }
    if (!in_commit_) position_ = after(position.sequence());
}

const CommitChange* Feed::next() {
    try {
        if (is_astray_) return_to(position_);
        if (chunks_) return next_of_chunks();
        return snapshot_ ? next_of_snapshot() : next_of_journal();
    } catch (...) {
        is_astray_ = !snapshot_;
        if (chunks_) chunks_->abandon_chunk();
        chunk_as_of_.reset();
        throw;
    }
}

const CommitChange* Feed::next_of_snapshot() {
    while (const CommitChange* const change = snapshot_->next()) {
        if (selector_.passes(*change)) return change;
    }
    snapshot_.reset();
    return next_of_journal();
}

/// Between two chunks come the changes up to the commit of the second one.
const CommitChange* Feed::next_of_chunks() {
    while (!chunks_->is_done()) {
        if (!chunk_as_of_) chunk_as_of_ = chunks_->begin_chunk();
        if (const CommitChange* const change = next_of_journal(chunk_as_of_)) return change;
        while (const CommitChange* const change = chunks_->next()) {
            if (selector_.passes(*change)) return change;
        }
        chunk_as_of_.reset();
    }
    chunks_.reset();
    return next_of_journal();
}

/// False: there is no further commit, up to `last`. The position is after the commits that the
/// cursor has passed.
bool Feed::begin_commit(std::optional<Sequence> last) {
    if (!in_commit_ && !(last && cursor_->position() >= *last)) {
        if (const auto entry = cursor_->next()) {
            reader_.begin(*entry);
            in_commit_ = true;
        }
    }
    const Sequence reached = cursor_->position();
    if (in_commit_ && !(last && reached > *last)) return true;
    position_ = after(last ? std::min(reached, *last) : reached);
    return false;
}

const CommitChange* Feed::next_of_journal(std::optional<Sequence> last) {
    for (;;) {
        if (!begin_commit(last)) return nullptr;
        const Sequence sequence = cursor_->position();
        while (const CommitChange* const change = reader_.next()) {
            const bool is_later_read =
                chunks_ && !change->key.empty() && !chunks_->feeds(change->key);
            if (is_later_read || !selector_.passes(*change)) continue;
            in_commit_ = !change->is_last;
            position_ = in_commit_ ? after(sequence, change->index) : after(sequence);
            return change;
        }
        in_commit_ = false;
        position_ = after(sequence);
    }
}

JournalCursor::More Feed::await(Deadline deadline) {
    if (snapshot_ || chunks_ || in_commit_ || is_astray_) return JournalCursor::More::now;
    return cursor_->await(deadline);
}

}  // namespace amphora::events

#include "database/consumer_positions.hpp"
#include "database/consumers/consumer_run.hpp"
#include "database/consumers/dead_letters.hpp"
#include "database/reader_state.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

/// Where a consumer begins, and how it starts again.
namespace amphora::detail {

namespace {

/// Errors that say that the changes after a position are not there.
bool has_lost_its_place(ErrorCode code) noexcept {
    return code == ErrorCode::feed_gap || code == ErrorCode::unknown_position;
}

}  // namespace

void ConsumerRun::begin_new(events::Feed& feed) const {
    switch (options_.start) {
        case FeedStart::oldest:
            return;
        case FeedStart::end:
            return feed.seek_end();
        case FeedStart::snapshot:
            return read_all(feed);
    }
}

/// With the first row or document, as of a commit that is durable.
void ConsumerRun::read_all(events::Feed& feed) const {
    feed.seek_chunks([core = core_.get()] { return durable_snapshot(*core); }, std::nullopt);
}

void ConsumerRun::continue_after(Transaction& transaction, events::Feed& feed,
                                 const std::string& stored, bool is_changed) {
    if (is_changed && options_.changed == ChangedSelections::starts_again) {
        return reset(transaction, feed);
    }
    const events::FeedPlace place = events::place_of(stored);
    try {
        if (place.snapshot) {
            feed.seek_chunks([core = core_.get()] { return durable_snapshot(*core); }, place);
        } else {
            feed.seek(place.position);
        }
    } catch (const Error& error) {
        if (!has_lost_its_place(error.code())) throw;
        if (!options_.reset) {
            refuse_to_continue("consumer " + row_.name, error,
                               "drop it (Database::drop_consumer) and run it with "
                               "FeedStart::snapshot, or give it ConsumerOptions::reset");
        }
        core_->log(fmt::format("consumer {} starts again: {}", row_.name, error.what()));
        reset(transaction, feed);
    }
}

/// What it has done is undone, and what it has set aside is forgotten, in the commit with the new
/// beginning.
void ConsumerRun::reset(Transaction& transaction, events::Feed& feed) {
    transaction.state().belongs_to_handler(true);
    options_.reset(transaction);
    if (transaction.has_ended()) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("the reset of consumer {} has taken its transaction away; use it "
                                "where it is",
                                row_.name)};
    }
    transaction.state().belongs_to_handler(false);
    erase_dead_letters(transaction.state(), row_.name);
    {
        const std::lock_guard lock{mutex_};
        requests_.clear();  // everything is read anew
    }
    read_all(feed);
}

/// While it runs: what is in the batch will be read again.
void ConsumerRun::start_again(const std::string& why) {
    core_->log(fmt::format("consumer {} starts again: {}", row_.name, why));
    while (!is_ending()) {
        try {
            Transaction transaction = begin();
            reset(transaction, *feed_);
            const events::FeedPlace place = feed_->place();
            write_row(transaction, place);
            const Commit commit = core_->engine->commit(transaction.state().take_writing());
            drop_front(batch_.size());
            passed_ = place;
            note_stored(place, commit);
            return load_letters();
        } catch (const Error& error) {
            if (!waits_after(error.code(), error.what())) throw;
        }
        static_cast<void>(sleep(not_now_wait));
    }
}

}  // namespace amphora::detail

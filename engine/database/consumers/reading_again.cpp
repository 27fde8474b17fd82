#include "base/assert.hpp"
#include "database/consumers/consumer_run.hpp"
#include "database/reader_state.hpp"
#include "events/selection_text.hpp"

#include <amphora/database.hpp>
#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

/// How a consumer reads one of its tables or collections again.
namespace amphora {

namespace detail {

namespace {

/// The name as it was declared; empty: there is no such table or collection.
std::string_view declared_name(const stores::BoundSchema& schema, std::string_view name) {
    if (const auto* const table = schema.catalog().find(Table{name})) return table->name;
    const auto* const collection = schema.catalog().find(Collection{name});
    return collection != nullptr ? std::string_view{collection->name} : std::string_view{};
}

/// The declared name of a source of the consumer. Throws `invalid_argument` if it is none.
std::string require_source(const stores::BoundSchema& schema, const events::ConsumerRow& consumer,
                           std::string_view source) {
    if (consumer.kind != events::ConsumerRow::Kind::handler) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("{} is a reader of the feed, and cannot be asked to read {} again; "
                                "its program reads it",
                                consumer.name, source)};
    }
    const std::string_view name = declared_name(schema, source);
    const auto selected = events::names_read(consumer.definition);
    const bool is_read =
        selected ? std::ranges::any_of(
                       *selected,
                       [&](const std::string& each) { return declared_name(schema, each) == name; })
                 : !events::is_system_name(name);
    if (!name.empty() && is_read) return std::string{name};
    throw Error{ErrorCode::invalid_argument,
                fmt::format("consumer {} reads no rows or documents of {}; it selects {}; name a "
                            "table or collection of which it selects changes or inserts",
                            consumer.name, source, consumer.definition)};
}

void add_once(std::vector<std::string>& names, const std::string& name) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
}

/// Stores the request in the row, and tells the consumer if it runs.
Commit request_reading(const std::shared_ptr<Core>& core, const std::string& consumer,
                       std::string_view source) {
    ReaderState state{core, core->engine->begin({.feeds = outbox::FeedBound::ignored})};
    auto row = events::read_consumer(state.reading(), state.schema(), consumer);
    if (!row) {
        throw Error{ErrorCode::no_such_consumer, fmt::format("there is no consumer {}", consumer)};
    }
    const std::string name = require_source(state.schema(), *row, source);
    add_once(row->read_again, name);
    events::put_consumer(state.writing(), state.schema(), *row);
    // With the turn, so that the consumer writes no row without the request.
    if (const auto running = ConsumerRun::find(*core, consumer)) running->request_reading(name);
    return core->engine->commit(state.take_writing());
}

}  // namespace

void ConsumerRun::request_reading(const std::string& name) {
    {
        const std::lock_guard lock{mutex_};
        add_once(requests_, name);
    }
    more_.give();
}

/// Requests that were stored when the consumer selected something else.
void ConsumerRun::forget_requests_for_others(const events::Feed& feed) {
    const std::lock_guard lock{mutex_};
    std::erase_if(requests_, [&](const std::string& name) { return !feed.reads(name); });
}

/// Then the changes that were read are handled first: the batch is of one reading.
bool ConsumerRun::is_asked_to_read() const {
    if (feed_->place().snapshot) return false;
    const std::lock_guard lock{mutex_};
    return !requests_.empty();
}

/// The beginning is stored at once, in the commit that ends the request: otherwise a restart could
/// find neither of them, or both.
void ConsumerRun::begin_reading() {
    std::string name;
    {
        const std::lock_guard lock{mutex_};
        name = requests_.front();
    }
    while (!is_ending()) {
        if (try_to_begin_reading(name)) return;
        static_cast<void>(sleep(not_now_wait));
    }
}

/// False: the database does not take the commit at the moment.
bool ConsumerRun::try_to_begin_reading(const std::string& name) {
    const events::FeedPlace before = passed_;
    const events::FeedPlace place{before.position,
                                  events::SnapshotPlace{.name = name, .key = {}, .is_again = true}};
    const auto note = [&](bool is_begun) {
        const std::lock_guard lock{mutex_};
        place_ = is_begun ? place : before;
        if (is_begun) {
            std::erase(requests_, name);
        } else {
            requests_.insert(requests_.begin(), name);
        }
    };
    try {
        Transaction transaction = begin();
        note(true);
        try {
            write_row(transaction, place, Attempts::kept);
            const Commit commit = core_->engine->commit(transaction.state().take_writing());
            note_stored(place, commit);
        } catch (...) {
            note(false);
            throw;
        }
    } catch (const Error& error) {
        if (!waits_after(error.code(), error.what())) throw;
        return false;
    }
    const bool is_read =
        feed_->read_again([core = core_.get()] { return durable_snapshot(*core); }, name);
    AMPHORA_ASSERT(is_read);  // requests for others are forgotten
    passed_ = place;
    return true;
}

}  // namespace detail

Commit Database::read_again(const std::string& consumer, const SourceName& source) {
    const Core::Use use{core()};
    core().require_writable();
    return detail::request_reading(core_, consumer, source.name);
}

Commit Subscription::read_again(const SourceName& source) {
    const std::shared_ptr<detail::Core>& core = run().core();
    const Core::Use use{*core};
    core->require_writable();
    return detail::request_reading(core, run().name(), source.name);
}

}  // namespace amphora

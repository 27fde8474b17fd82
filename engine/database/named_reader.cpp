#include "database/named_reader.hpp"

#include "base/clock.hpp"
#include "database/consumer_positions.hpp"
#include "database/reader_state.hpp"
#include "events/selection_text.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <utility>

namespace amphora::detail {

using events::ConsumerRow;

namespace {

[[noreturn]] void refuse(const std::string& name, const std::string& what) {
    throw Error{ErrorCode::invalid_argument, fmt::format("reader {}: {}", name, what)};
}

}  // namespace

NamedReader::NamedReader(std::shared_ptr<Core> core, const FeedOptions& options, events::Feed& feed)
    : core_{std::move(core)} {
    core_->require_writable();
    row_.name = options.reader;
    require_consumer_name(row_.name);
    core_->consumers.add(row_.name, registration_);
    try {
        take_up(options, feed);
    } catch (...) {
        core_->consumers.remove(row_.name);
        throw;
    }
}

NamedReader::~NamedReader() {
    if (!core_->process.elsewhere()) core_->consumers.remove(row_.name);
}

void NamedReader::take_up(const FeedOptions& options, events::Feed& feed) {
    const std::string definition = events::to_text(options.selections);
    const auto now = core_->engine->snapshot();
    const auto stored = events::read_consumer(*now, *core_->schema, row_.name);
    const bool is_changed = stored && stored->definition != definition;
    if (stored && stored->kind != ConsumerRow::Kind::reader) {
        refuse(row_.name, "it is the name of a consumer; give the reader another one");
    }
    if (is_changed && options.changed == ChangedSelections::refused) {
        throw Error{ErrorCode::consumer_changed,
                    fmt::format("reader {} comes with other selections than before; it selected "
                                "{}, and now {}; give it another name, drop it, or say "
                                "ChangedSelections::continues or starts_again",
                                row_.name, stored->definition, definition)};
    }
    const bool continues =
        stored && !(is_changed && options.changed == ChangedSelections::starts_again);
    if (continues && options.after) {
        refuse(row_.name,
               "it is known, and continues after what it has acknowledged; leave the "
               "position out, or drop the reader");
    }
    if (stored) row_ = *stored;
    if (continues) {
        try {
            feed.seek(FeedPosition::parse(row_.position));
        } catch (const Error& error) {
            refuse_to_continue("reader " + row_.name, error,
                               "drop it (Database::drop_consumer) and open it again");
        }
    }
    row_.kind = ConsumerRow::Kind::reader;
    row_.definition = definition;
    row_.when_full = options.when_full;
    row_.ran_at = DateTime{now_us()};
    if (!stored) row_.created_at = *row_.ran_at;
    // Within a snapshot there is no position.
    if (const auto position = feed.position()) {
        acknowledged_ = position;
        save();
    }
}

void NamedReader::acknowledge(const FeedPosition& position) {
    if (acknowledged_ && events::is_after(*acknowledged_, position)) {
        refuse(row_.name, fmt::format("{} comes before {}, which was acknowledged",
                                      to_string(position), to_string(*acknowledged_)));
    }
    if (acknowledged_ == position) return;
    acknowledged_ = position;
    save();
}

void NamedReader::save() {
    row_.position = to_string(*acknowledged_);
    ReaderState transaction{core_, core_->engine->begin({.feeds = outbox::FeedBound::ignored})};
    events::put_consumer(transaction.writing(), *core_->schema, row_);
    const Commit commit = core_->engine->commit(transaction.take_writing());
    const Sequence needed = events::needed_after(*acknowledged_);
    if (!is_kept_) keep_for_consumer(*core_, row_, needed);
    is_kept_ = true;
    move_consumer(*core_, row_.name, needed, commit);
}

}  // namespace amphora::detail

#include "database/consumer_positions.hpp"

#include "codec/utf8.hpp"
#include "journal/journal.hpp"
#include "outbox/keepers.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace amphora::detail {

void require_consumer_name(const std::string& name) {
    const auto refuse = [&](const char* what) {
        throw Error{ErrorCode::invalid_argument, fmt::format("consumer {}: {}", name, what)};
    };
    if (name.empty()) refuse("a consumer needs a name");
    // The origin of its commits has the name in it.
    if (name.size() > 200) refuse("a name has at most 200 bytes; give a shorter one");
    if (!codec::is_utf8(name)) refuse("a name is UTF-8");
}

void restore_consumer_positions(Core& core) {
    if (core.is_read_only()) return;
    const auto now = core.engine->snapshot();
    for (const events::ConsumerRow& consumer : events::read_consumers(*now, *core.schema)) {
        const auto after = events::needed_after(consumer, core.lineage);
        if (!after) continue;
        // What a later version of the library has stored may need everything.
        const bool is_understood = events::place_of(consumer).has_value();
        keep_for_consumer(core, consumer,
                          is_understood ? *after : core.journal->statistics().recycled);
    }
    core.outbox->release(outbox::Keeper::opening);
}

void refuse_to_continue(const std::string& whose, const Error& error, std::string_view remedy) {
    throw Error{error.code(),
                fmt::format("{} cannot continue: {}; for that, {}", whose, error.what(), remedy)};
}

journal::HoldOptions hold_of_consumer(const std::string& name, FeedFull when_full) {
    return {.name = "consumer " + name,
            .remedy = "run it, or drop it (Database::drop_consumer)",
            .when_full = when_full};
}

std::optional<Sequence> needed_by_consumers(const transaction::Reading& reading,
                                            const stores::BoundSchema& schema,
                                            const Lineage& lineage) {
    std::optional<Sequence> slowest;
    for (const events::ConsumerRow& consumer : events::read_consumers(reading, schema)) {
        if (consumer.when_full == FeedFull::skip) continue;
        const auto after = events::needed_after(consumer, lineage);
        if (after) slowest = std::min(slowest.value_or(*after), *after);
    }
    return slowest;
}

void keep_for_consumer(Core& core, const events::ConsumerRow& consumer, Sequence after) {
    core.consumers.keep(
        consumer.name,
        core.journal->hold(hold_of_consumer(consumer.name, consumer.when_full), after));
}

void move_consumer(Core& core, const std::string& name, Sequence after, const Commit& stored_by) {
    core.consumers.move(name, after, stored_by.sequence);
}

}  // namespace amphora::detail

#include "database/consumer_positions.hpp"

#include "events/consumer_rows.hpp"
#include "outbox/keepers.hpp"

#include <functional>
#include <map>
#include <utility>

namespace amphora::detail {

namespace {

std::function<void(std::optional<Sequence>)> keeping(Core& core) {
    return [&core](std::optional<Sequence> slowest) {
        if (slowest) {
            core.outbox->keep_after(outbox::Keeper::consumers, *slowest);
        } else {
            core.outbox->release(outbox::Keeper::consumers);
        }
    };
}

}  // namespace

void restore_consumer_positions(Core& core) {
    if (core.is_read_only()) return;
    const auto now = core.engine->snapshot();
    std::map<std::string, Sequence> needed;
    for (const events::ConsumerRow& consumer : events::read_consumers(*now, *core.schema)) {
        const auto after = events::needed_after(consumer, core.identity.timeline.bytes);
        if (after) needed.emplace(consumer.name, *after);
    }
    core.consumers.need_after(std::move(needed), keeping(core));
}

void keep_for_consumer(Core& core, const std::string& name, std::optional<Sequence> after) {
    core.consumers.need_after(name, after, keeping(core));
}

}  // namespace amphora::detail

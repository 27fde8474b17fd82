#include "database/consumer_positions.hpp"

#include "codec/utf8.hpp"
#include "events/consumer_rows.hpp"
#include "outbox/keepers.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

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

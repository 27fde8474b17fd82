#include "stores/events.hpp"

#include "base/clock.hpp"

#include <amphora/error.hpp>

namespace amphora::stores {

void publish(transaction::Writing& writing, std::string_view topic, const Document& payload) {
    if (topic.empty()) {
        throw Error{ErrorCode::invalid_argument, "an event needs a topic; the one given is empty"};
    }
    const Document event{{"topic", topic}, {"payload", payload}};
    const auto tags = journal::CommitTags::of_event(topic);
    if (event.has_now()) {
        writing.publish(event.with_now(floor_milliseconds(writing.now_us())).bytes(), tags);
    } else {
        writing.publish(event.bytes(), tags);
    }
}

}  // namespace amphora::stores

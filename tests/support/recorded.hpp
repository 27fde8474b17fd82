#pragma once

#include "outbox/record.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

/// What a commit record says of its changes, in words, to compare it as a whole.
namespace amphora::support {

/// The words for keys and values; none: the key or value is left out.
using Words = std::function<std::string(Bytes)>;

inline std::string in_words(const outbox::Context& context) {
    if (context == outbox::Context{}) return {};
    return " by " + std::string{context.origin} + "/" + std::string{context.correlation} + "/" +
           std::string{context.causation};
}

/// "insert k", "update k", "delete k", or "none k" for what was inserted and deleted again; then
/// " was v" if the state before is kept, and " by origin/correlation/causation" if there is any.
inline std::string in_words(const outbox::Record& record, const outbox::Change& change,
                            const std::string& key, const Words& value_words) {
    const bool existed = change.before == outbox::Before::present;
    std::string text =
        change.value ? (existed ? "update " : "insert ") : (existed ? "delete " : "none ");
    text += key;
    if (change.state_before) text += " was " + value_words(*change.state_before);
    if (!record.contexts().empty()) text += in_words(record.contexts()[change.context]);
    return text;
}

/// The changes of one tree. `key_words` gives an empty text for a key that is left out.
inline std::vector<std::string> changes_in_words(
    Bytes bytes, TreeId tree, const Words& key_words = [](Bytes key) { return std::string{key}; },
    const Words& value_words = [](Bytes value) { return std::string{value}; }) {
    const outbox::Record record{bytes, Sequence{1}};
    std::vector<std::string> changes;
    record.each_change(tree, [&](const outbox::Change& change) {
        const std::string key = key_words(change.key);
        if (!key.empty()) changes.push_back(in_words(record, change, key, value_words));
    });
    return changes;
}

/// The events: "topic by origin/correlation/causation".
inline std::vector<std::string> events_in_words(Bytes bytes) {
    const outbox::Record record{bytes, Sequence{1}};
    std::vector<std::string> events;
    record.each_event([&](const outbox::Record::Event& event) {
        std::string text{event.bytes};
        if (!record.contexts().empty()) text += in_words(record.contexts()[event.context]);
        events.push_back(text);
    });
    return events;
}

}  // namespace amphora::support

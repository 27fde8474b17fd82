#include "database/json/debezium.hpp"

#include "base/clock.hpp"
#include "codec/json/base64.hpp"
#include "codec/json/text.hpp"
#include "database/json/broker_names.hpp"

#include <amphora/database.hpp>

#include <algorithm>

// https://debezium.io/documentation/reference/3.0/connectors/postgresql.html#postgresql-events
// https://debezium.io/documentation/reference/3.0/connectors/mongodb.html#mongodb-events
namespace amphora::detail {

namespace {

using codec::append_quoted;
using codec::JsonObjectText;

constexpr std::string_view mark_read = R"("snapshot": "true")";
constexpr std::string_view mark_last_read = R"("snapshot": "last")";

constexpr std::string_view topic_of_messages = "message";

std::string_view operation_of(ChangeKind kind) noexcept {
    switch (kind) {
        case ChangeKind::insert:
            return "c";
        case ChangeKind::update:
            return "u";
        case ChangeKind::erase:
            return "d";
        case ChangeKind::read:
            return "r";
        case ChangeKind::event:
            return "m";
        case ChangeKind::schema:
            break;
    }
    return "";
}

void append_time(JsonObjectText& object, std::int64_t us) {
    constexpr std::int64_t ns_in_us = 1000;
    object.number("ts_ms", floor_milliseconds(us));
    object.number("ts_us", us);
    object.number("ts_ns", us * ns_in_us);
}

void append_time_of_processing(JsonObjectText& object) {
    append_time(object, now_us());
}

std::string transaction_of(const Change& change) {
    return to_string(FeedPosition{change.position().timeline(), change.commit().sequence});
}

std::string in_quotes(std::string_view text) {
    Buffer json;
    append_quoted(json, text);
    return json;
}

}  // namespace

DebeziumState::DebeziumState(const FormSource& from, const DebeziumOptions& options)
    : json_{from, options.masked},
      name_{options.name},
      database_{options.database.empty() ? name_of_directory(from.path) : options.database} {}

std::string DebeziumState::collection_of(const Change& change) const {
    if (change.kind() == ChangeKind::event) return std::string{topic_of_messages};
    return database_ + "." + std::string{change.name()};
}

std::string DebeziumState::topic_of(const Change& change) const {
    return topic_of_name(name_ + "." + collection_of(change));
}

std::string DebeziumState::key_of(const Change& change) const {
    if (change.is_row()) {
        Buffer key;
        json_.append_key(key, change);
        return key;
    }
    Buffer key;
    JsonObjectText object{key};
    if (change.is_document()) {
        Buffer id;
        json_.append_key(id, change);
        object.text("id", id);
    } else if (change.kind() == ChangeKind::event) {
        object.text("prefix", change.name());
    } else {
        object.text("databaseName", database_);
    }
    object.end();
    return key;
}

void DebeziumState::append_source(Buffer& json, const Change& change) const {
    const bool is_read = change.kind() == ChangeKind::read;
    JsonObjectText source{json};
    source.text("version", AMPHORA_VERSION);
    source.text("connector", "amphora");
    source.text("name", name_);
    append_time(source, change.time().microseconds);
    source.text("snapshot", is_read ? "true" : "false");
    source.text("db", database_);
    const FeedPosition position = change.position();
    source.text("sequence", "[" + in_quotes(std::to_string(number(position.sequence()))) + "," +
                                (is_read ? "null" : in_quotes(std::to_string(position.index()))) +
                                "]");
    if (change.is_document()) {
        source.text("collection", change.name());
    } else if (change.is_row()) {
        source.text("table", change.name());
    } else if (change.kind() == ChangeKind::event) {
        source.text("table", "");
    } else {
        source.text(is_of_collection(change) ? "collection" : "table", change.name());
    }
    source.number("txId", number(change.commit().sequence));
    source.text("position", to_string(position));
    const auto append_unless_empty = [&](std::string_view name, std::string_view text) {
        if (!text.empty()) source.text(name, text);
    };
    append_unless_empty("origin", change.origin());
    append_unless_empty("correlation", change.correlation());
    append_unless_empty("causation", change.causation());
    if (change.is_expired()) source.boolean("expired", true);
    source.end();
}

void DebeziumState::append_transaction(Buffer& json, const std::string& collection) {
    auto counted =
        std::ranges::find(counts_, collection, &std::pair<std::string, std::uint64_t>::first);
    if (counted == counts_.end()) counted = counts_.insert(counted, {collection, 0});
    JsonObjectText object{json};
    object.text("id", transaction_);
    object.number("total_order", ++count_);
    object.number("data_collection_order", ++counted->second);
    object.end();
}

void DebeziumState::append_states(JsonObjectText& value, const Change& change) const {
    const auto append = [&](Buffer& json, const Buffer& state) {
        if (change.is_row() || state == "null") {
            json += state;
        } else {
            append_quoted(json, state);
        }
    };
    Buffer before;
    if (change.is_row() && change.kind() == ChangeKind::erase && !ChangeJson::has_before(change)) {
        json_.append_key(before, change);
    } else {
        json_.append_before(before, change);
    }
    append(value.member("before"), before);
    Buffer after;
    json_.append_after(after, change);
    append(value.member("after"), after);
}

void DebeziumState::append_event(JsonObjectText& value, const Change& change) {
    Buffer content;
    codec::append_base64(content, to_json(change.payload()));
    JsonObjectText message{value.member("message")};
    message.text("prefix", change.name());
    message.text("content", content);
    message.end();
}

DebeziumMessage DebeziumState::message_of(const Change& change) {
    DebeziumMessage message{topic_of(change), key_of(change), {}};
    JsonObjectText value{message.value};
    if (change.kind() == ChangeKind::event) {
        append_event(value, change);
    } else {
        append_states(value, change);
    }
    append_source(value.member("source"), change);
    value.text("op", operation_of(change.kind()));
    append_time_of_processing(value);
    if (change.kind() == ChangeKind::read) {
        value.null("transaction");
    } else {
        append_transaction(value.member("transaction"), collection_of(change));
    }
    value.end();
    return message;
}

void DebeziumState::add_change(Messages& messages, const Change& change) {
    messages.push_back(message_of(change));
    if (change.kind() != ChangeKind::erase) return;
    messages.push_back({messages.back().topic, messages.back().key, "null"});
}

void DebeziumState::release_read(Messages& messages, Last last) {
    if (!read_) return;
    // From the end, because a column of the row may be named so, too.
    const std::size_t at = read_->value.rfind(mark_read);
    if (last == Last::yes) read_->value.replace(at, mark_read.size(), mark_last_read);
    messages.push_back(*std::move(read_));
    read_.reset();
}

void DebeziumState::add_schema(Messages& messages, const Change& change) const {
    DebeziumMessage message{topic_of_name(name_), key_of(change), {}};
    JsonObjectText value{message.value};
    append_source(value.member("source"), change);
    append_time_of_processing(value);
    value.text("databaseName", database_);
    value.null("schemaName");
    value.text("ddl", change.definition());
    value.end();
    messages.push_back(std::move(message));
}

DebeziumMessage DebeziumState::boundary(std::string_view status) const {
    DebeziumMessage message{topic_of_name(name_ + ".transaction"), {}, {}};
    JsonObjectText key{message.key};
    key.text("id", transaction_);
    key.end();
    JsonObjectText value{message.value};
    value.text("status", status);
    value.text("id", transaction_);
    value.number("ts_ms", floor_milliseconds(time_us_));
    if (status == "BEGIN") {
        value.null("event_count");
        value.null("data_collections");
    } else {
        value.number("event_count", count_);
        Buffer& list = value.member("data_collections");
        list += '[';
        for (const auto& [collection, count] : counts_) {
            if (!list.ends_with('[')) list += ", ";
            JsonObjectText one{list};
            one.text("data_collection", collection);
            one.number("event_count", count);
            one.end();
        }
        list += ']';
    }
    value.end();
    return message;
}

void DebeziumState::begin(Messages& messages, const Change& change) {
    commit_ = change.commit();
    transaction_ = transaction_of(change);
    time_us_ = change.time().microseconds;
    count_ = 0;
    counts_.clear();
    messages.push_back(boundary("BEGIN"));
}

void DebeziumState::end(Messages& messages) {
    if (!commit_) return;
    messages.push_back(boundary("END"));
    commit_.reset();
}

std::vector<DebeziumMessage> DebeziumState::messages(const Change& change) {
    Messages messages;
    if (change.kind() == ChangeKind::read) {
        release_read(messages, Last::no);
        read_ = message_of(change);
        return messages;
    }
    release_read(messages, Last::yes);
    if (commit_ && *commit_ != change.commit()) end(messages);
    if (change.kind() == ChangeKind::schema) {
        add_schema(messages, change);
    } else {
        if (!commit_) begin(messages, change);
        add_change(messages, change);
    }
    if (change.is_last_of_commit()) end(messages);
    return messages;
}

std::vector<DebeziumMessage> DebeziumState::flush() {
    Messages messages;
    release_read(messages, Last::yes);
    end(messages);
    return messages;
}

}  // namespace amphora::detail

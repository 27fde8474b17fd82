#include "codec/json/text.hpp"
#include "database/json/change_json.hpp"
#include "database/json/debezium.hpp"

#include <amphora/archive.hpp>
#include <amphora/database.hpp>
#include <amphora/feed_json.hpp>

#include <fmt/format.h>

#include <iterator>

// The forms that programs use.
namespace amphora {

namespace {

using codec::JsonObjectText;
using detail::ChangeJson;
using detail::FormSource;

bool has_state(const Change& change) noexcept {
    return change.is_row() || change.is_document();
}

/// "table", "collection" or "topic".
std::string_view source_word(const Change& change) {
    if (change.is_row()) return "table";
    if (change.is_document()) return "collection";
    if (change.kind() == ChangeKind::event) return "topic";
    return detail::is_of_collection(change) ? "collection" : "table";
}

void append_unless_empty(JsonObjectText& object, std::string_view name, std::string_view text) {
    if (!text.empty()) object.text(name, text);
}

/// The character that begins at `at`, and how many bytes it has. The text is valid UTF-8.
struct Letter {
    char32_t code;
    std::size_t bytes;
};
Letter letter_at(std::string_view text, std::size_t at) noexcept {
    const auto byte = [&](std::size_t after) -> char32_t {
        return at + after < text.size() ? static_cast<unsigned char>(text[at + after]) & 0x3fu : 0;
    };
    const auto first = static_cast<unsigned char>(text[at]);
    if (first < 0x80) return {first, 1};
    if (first < 0xe0) return {(first & 0x1fu) << 6 | byte(1), 2};
    if (first < 0xf0) return {(first & 0x0fu) << 12 | byte(1) << 6 | byte(2), 3};
    return {(first & 0x07u) << 18 | byte(1) << 12 | byte(2) << 6 | byte(3), 4};
}

/// Characters that a String of CloudEvents must not have: control characters and noncharacters.
bool is_forbidden(char32_t code) noexcept {
    return code < 0x20 || (code >= 0x7f && code <= 0x9f) || (code >= 0xfdd0 && code <= 0xfdef) ||
           (code & 0xfffe) == 0xfffe;
}

enum class Encoded : std::uint8_t {
    forbidden,  ///< what a String must not have
    segment,    ///< also what has a meaning in a subject
};

std::string percent_encoded(std::string_view text, Encoded encoded) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const Letter letter = letter_at(text, at);
        const std::string_view bytes = text.substr(at, letter.bytes);
        at += letter.bytes;
        const bool is_special =
            encoded == Encoded::segment && (letter.code == '/' || letter.code == '%');
        if (!is_special && !is_forbidden(letter.code)) {
            result += bytes;
            continue;
        }
        for (const char byte : bytes) {
            fmt::format_to(std::back_inserter(result), "%{:02X}", static_cast<unsigned char>(byte));
        }
    }
    return result;
}

std::string subject_of(const ChangeJson& parts, const Change& change) {
    std::string subject = percent_encoded(change.name(), Encoded::segment);
    if (!has_state(change)) return subject;
    for (const std::string& value : parts.key_values(change)) {
        subject += '/';
        subject += percent_encoded(value, Encoded::segment);
    }
    return subject;
}

std::string type_of(const Change& change) {
    if (change.kind() == ChangeKind::event) {
        return percent_encoded(change.name(), Encoded::forbidden);
    }
    if (change.kind() == ChangeKind::schema) return "amphora.schema";
    return fmt::format("amphora.{}.{}", change.is_row() ? "row" : "document",
                       to_string(change.kind()));
}

void append_data(Buffer& json, const ChangeJson& parts, const Change& change) {
    if (change.kind() == ChangeKind::event) {
        json += to_json(change.payload());
        return;
    }
    JsonObjectText data{json};
    if (change.kind() == ChangeKind::schema) {
        data.text("definition", change.definition());
    } else {
        parts.append_key(data.member("key"), change);
        if (ChangeJson::has_before(change)) parts.append_before(data.member("before"), change);
        parts.append_after(data.member("after"), change);
    }
    data.end();
}

}  // namespace

PlainForm::PlainForm(const Database& database, const std::vector<MaskedColumn>& masked)
    : json_{std::make_shared<const ChangeJson>(FormSource{database}, masked)} {}
PlainForm::PlainForm(const Archive& archive, const std::vector<MaskedColumn>& masked)
    : json_{std::make_shared<const ChangeJson>(FormSource{archive}, masked)} {}

std::string PlainForm::line(const Change& change) const {
    std::string line;
    JsonObjectText object{line};
    object.text("position", to_string(change.position()));
    object.number("commit", number(change.commit().sequence));
    if (change.kind() != ChangeKind::read) {
        object.number("index", change.position().index());
        object.boolean("last", change.is_last_of_commit());
    }
    object.text("time", detail::rfc3339(change.time()));
    object.text("op", to_string(change.kind()));
    object.text(source_word(change), change.name());
    if (change.kind() == ChangeKind::event) {
        object.member("payload") += to_json(change.payload());
    } else if (change.kind() == ChangeKind::schema) {
        object.text("definition", change.definition());
    } else {
        json_->append_key(object.member("key"), change);
        if (ChangeJson::has_before(change)) json_->append_before(object.member("before"), change);
        json_->append_after(object.member("after"), change);
    }
    append_unless_empty(object, "origin", change.origin());
    append_unless_empty(object, "correlation", change.correlation());
    append_unless_empty(object, "causation", change.causation());
    if (change.is_expired()) object.boolean("expired", true);
    object.end();
    return line;
}

CloudEventsForm::CloudEventsForm(const FormSource& from, const CloudEventsOptions& options)
    : json_{std::make_shared<const ChangeJson>(from, options.masked)},
      source_{options.source.empty() ? "/amphora/" + from.database : options.source} {}
CloudEventsForm::CloudEventsForm(const Database& database, const CloudEventsOptions& options)
    : CloudEventsForm{FormSource{database}, options} {}
CloudEventsForm::CloudEventsForm(const Archive& archive, const CloudEventsOptions& options)
    : CloudEventsForm{FormSource{archive}, options} {}

std::string CloudEventsForm::line(const Change& change) const {
    const std::string position = to_string(change.position());
    const bool is_event = change.kind() == ChangeKind::event;
    const std::string subject = is_event ? "" : subject_of(*json_, change);
    std::string line;
    JsonObjectText object{line};
    object.text("specversion", "1.0");
    object.text("id", change.kind() == ChangeKind::read ? position + "/" + subject : position);
    object.text("source", source_);
    object.text("type", type_of(change));
    if (!is_event) object.text("subject", subject);
    object.text("time", detail::rfc3339(change.time()));
    object.text("datacontenttype", "application/json");
    append_data(object.member("data"), *json_, change);
    const auto append_extension = [&](std::string_view name, std::string_view text) {
        append_unless_empty(object, name, percent_encoded(text, Encoded::forbidden));
    };
    append_extension("origin", change.origin());
    append_extension("correlationid", change.correlation());
    append_extension("causationid", change.causation());
    if (change.is_expired()) object.boolean("expired", true);
    object.end();
    return line;
}

std::string DebeziumMessage::line() const {
    std::string line;
    JsonObjectText object{line};
    object.text("topic", topic);
    object.member("key") += key;
    object.member("value") += value;
    object.end();
    return line;
}

DebeziumForm::DebeziumForm(const Database& database, const DebeziumOptions& options)
    : state_{std::make_unique<detail::DebeziumState>(FormSource{database}, options)} {}
DebeziumForm::DebeziumForm(const Archive& archive, const DebeziumOptions& options)
    : state_{std::make_unique<detail::DebeziumState>(FormSource{archive}, options)} {}
DebeziumForm::DebeziumForm(DebeziumForm&&) noexcept = default;
DebeziumForm& DebeziumForm::operator=(DebeziumForm&&) noexcept = default;
DebeziumForm::~DebeziumForm() = default;

std::vector<DebeziumMessage> DebeziumForm::messages(const Change& change) {
    return state_->messages(change);
}
std::vector<DebeziumMessage> DebeziumForm::flush() {
    return state_->flush();
}

}  // namespace amphora

#include "database/consumers/dead_letters.hpp"

#include "events/change_key.hpp"
#include "relational/row/row.hpp"
#include "stores/documents.hpp"

#include <amphora/error.hpp>
#include <amphora/schema.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

namespace amphora {

namespace {

constexpr std::array<std::string_view, 4> states{"retrying", "waiting", "dead", "replaying"};

}  // namespace

std::string_view to_string(DeadLetterState state) noexcept {
    return states.at(static_cast<std::size_t>(state));
}

namespace detail {

namespace {

constexpr Collection dead_letters{"amphora.dead_letters"};
constexpr std::array kinds{ChangeKind::insert, ChangeKind::update, ChangeKind::erase,
                           ChangeKind::read,   ChangeKind::schema, ChangeKind::event};

BsonValue binary(Bytes bytes) {
    return Binary{.bytes = bytes};
}

/// A state of a row has its bytes, that of a document or event is readable as it is.
BsonValue stored_state(const events::CommitChange& change, const std::optional<Bytes>& state) {
    if (!state) return {};
    if (change.table != nullptr || change.kind == ChangeKind::schema) return binary(*state);
    return Document{DocumentView{*state}};
}

Document document_of(const events::CommitChange& change) {
    Document document{{"kind", to_string(change.kind)}, {"name", change.name}};
    if (change.table != nullptr) {
        std::string key;
        for (const auto& [column, value] : events::key_of(change)) {
            key += (key.empty() ? "" : ", ") + column + " " + to_string(value);
        }
        document.append("row", key);
    }
    document.append("key", binary(change.key));
    document.append("after", stored_state(change, change.after));
    document.append("before", stored_state(change, change.before));
    document.append("origin", change.context.origin);
    document.append("correlation", change.context.correlation);
    document.append("causation", change.context.causation);
    document.append("epoch", static_cast<std::int64_t>(number(change.commit.epoch)));
    document.append("sequence", static_cast<std::int64_t>(number(change.commit.sequence)));
    document.append("index", static_cast<std::int64_t>(change.index));
    document.append("is_last", change.is_last);
    document.append("time_us", change.time_us);
    return document;
}

[[noreturn]] void refuse_letter(const char* field) {
    throw Error{ErrorCode::corrupt,
                fmt::format("a document of amphora.dead_letters has no {}, or another one than any "
                            "version writes; check the database, or drop the letter",
                            field)};
}

/// A field of a letter, which every version writes.
struct Field {
    DocumentView letter;
    const char* path;

    [[nodiscard]] BsonView value() const {
        const auto found = letter.find(path);
        if (!found) refuse_letter(path);
        return *found;
    }
    [[nodiscard]] std::string_view text() const {
        const auto found = value().as_text();
        if (!found) refuse_letter(path);
        return *found;
    }
    [[nodiscard]] std::int64_t number() const {
        const auto found = value().as_int64();
        if (!found) refuse_letter(path);
        return *found;
    }
    [[nodiscard]] DateTime time() const {
        const auto found = value().as_datetime();
        if (!found) refuse_letter(path);
        return *found;
    }
    /// The bytes of a key or state; none: there is no such state.
    [[nodiscard]] std::optional<Bytes> bytes() const {
        const BsonView found = value();
        if (found.is_null()) return std::nullopt;
        if (const auto binary = found.as_binary()) return binary->bytes;
        const auto document = found.as_document();
        if (!document) refuse_letter(path);
        return document->bytes();
    }
};

DeadLetter shown(DocumentView letter) {
    const auto at = [&](const char* path) { return Field{letter, path}; };
    DeadLetter found;
    const auto id = at("_id").value().as_object_id();
    if (!id) refuse_letter("_id");
    found.id = id->hex();
    found.consumer = at("consumer").text();
    found.state = state_of(letter);
    found.position = at("position").text();
    if (const auto partition = letter.field("partition_key"); partition && !partition->is_null()) {
        found.partition = at("partition_key").text();
    }
    found.attempts = attempts_of(letter);
    found.error = at("error").text();
    found.first_at = at("first_at").time();
    found.at = at("at").time();
    const auto change = at("change").value().as_document();
    if (!change) refuse_letter("change");
    found.change = Document{*change};
    return found;
}

std::unique_ptr<document::DocumentSource> letters_of(const ReaderState& reader,
                                                     std::string_view consumer) {
    const Document filter = consumer.empty() ? Document{} : Document{{"consumer", consumer}};
    return stores::find(reader.reading(), reader.schema(), dead_letters,
                        document::Filter{filter.view()});
}

void update(ReaderState& transaction, const ObjectId& id, const Document& fields) {
    const Document change{{"$set", fields}};
    static_cast<void>(stores::update(transaction.writing(), transaction.schema(), dead_letters,
                                     BsonValue{id}, document::Update{change}));
}

}  // namespace

ObjectId add_dead_letter(ReaderState& transaction, const NewDeadLetter& letter) {
    const ObjectId id = ObjectId::generate();
    Document document{{"_id", id},
                      {"consumer", letter.consumer},
                      {"position", letter.position},
                      {"at", now},
                      {"attempts", static_cast<std::int32_t>(letter.attempts)},
                      {"error", letter.error},
                      {"first_at", DateTime{letter.first_us}},
                      {"partition_key", letter.partition},
                      {"state", to_string(letter.state)},
                      {"change", document_of(letter.change)}};
    static_cast<void>(
        stores::insert(transaction.writing(), transaction.schema(), dead_letters, document));
    return id;
}

std::optional<Document> find_dead_letter(const ReaderState& reader, const ObjectId& id) {
    Buffer scratch;
    const auto found =
        stores::find(reader.reading(), reader.schema(), dead_letters, BsonValue{id}, scratch);
    if (!found) return std::nullopt;
    return Document{*found};
}

std::vector<DeadLetter> read_dead_letters(const ReaderState& reader, std::string_view consumer) {
    struct Place {
        std::int64_t sequence;
        std::int64_t index;
        DeadLetter letter;
    };
    std::vector<Place> found;
    const auto letters = letters_of(reader, consumer);
    while (letters->next()) {
        const DocumentView letter = letters->document();
        found.push_back({Field{letter, "change.sequence"}.number(),
                         Field{letter, "change.index"}.number(), shown(letter)});
    }
    std::ranges::sort(found, {}, [](const Place& place) {
        return std::tie(place.letter.consumer, place.sequence, place.index, place.letter.id);
    });
    std::vector<DeadLetter> all;
    all.reserve(found.size());
    for (Place& place : found) all.push_back(std::move(place.letter));
    return all;
}

DeadLetterCounts count_dead_letters(const ReaderState& reader, std::string_view consumer) {
    DeadLetterCounts counts;
    const auto letters = letters_of(reader, consumer);
    while (letters->next()) {
        const bool is_dead = state_of(letters->document()) == DeadLetterState::dead;
        ++(is_dead ? counts.dead : counts.others);
    }
    return counts;
}

std::uint32_t attempts_of(DocumentView letter) {
    return static_cast<std::uint32_t>(Field{letter, "attempts"}.number());
}

DeadLetterState state_of(DocumentView letter) {
    const auto stored = letter.field("state");
    if (!stored || stored->is_null()) return DeadLetterState::dead;
    const auto found = std::ranges::find(states, Field{letter, "state"}.text());
    if (found == states.end()) refuse_letter("state");
    return static_cast<DeadLetterState>(found - states.begin());
}

void note_attempt(ReaderState& transaction, const ObjectId& id, DeadLetterState state,
                  std::uint32_t attempts, std::string_view error) {
    update(transaction, id,
           {{"state", to_string(state)},
            {"attempts", static_cast<std::int32_t>(attempts)},
            {"error", error},
            {"at", now}});
}

void set_state(ReaderState& transaction, const ObjectId& id, DeadLetterState state,
               std::uint32_t attempts) {
    update(transaction, id,
           {{"state", to_string(state)}, {"attempts", static_cast<std::int32_t>(attempts)}});
}

bool erase_dead_letter(ReaderState& transaction, const ObjectId& id) {
    return stores::erase(transaction.writing(), transaction.schema(), dead_letters, BsonValue{id});
}

void erase_dead_letters(ReaderState& transaction, std::string_view consumer) {
    const Document filter{{"consumer", consumer}};
    static_cast<void>(stores::erase(transaction.writing(), transaction.schema(), dead_letters,
                                    document::Filter{filter.view()}));
}

void forsake_dead_letters(ReaderState& transaction, std::string_view consumer) {
    const Document filter{{"consumer", consumer}};
    const Document change{{"$set", Document{{"state", to_string(DeadLetterState::dead)},
                                            {"partition_key", nullptr}}}};
    static_cast<void>(stores::update(transaction.writing(), transaction.schema(), dead_letters,
                                     document::Filter{filter.view()}, document::Update{change}));
}

events::CommitChange change_of(DocumentView letter, const events::Sources& sources) {
    const auto stored = Field{letter, "change"}.value().as_document();
    if (!stored) refuse_letter("change");
    const auto at = [&](const char* field) { return Field{*stored, field}; };
    events::CommitChange change;
    const auto kind = std::ranges::find_if(
        kinds, [&, name = at("kind").text()](ChangeKind each) { return to_string(each) == name; });
    if (kind == kinds.end()) refuse_letter("change.kind");
    change.kind = *kind;
    change.name = at("name").text();
    change.is_system = events::is_system_name(change.name);
    change.key = at("key").bytes().value_or(Bytes{});
    change.after = at("after").bytes();
    change.before = at("before").bytes();
    change.context = {.origin = at("origin").text(),
                      .correlation = at("correlation").text(),
                      .causation = at("causation").text()};
    change.commit = {.epoch = Epoch{static_cast<std::uint64_t>(at("epoch").number())},
                     .sequence = Sequence{static_cast<std::uint64_t>(at("sequence").number())}};
    change.index = static_cast<std::uint32_t>(at("index").number());
    change.is_last = at("is_last").value().as_bool().value_or(false);
    change.time_us = at("time_us").number();
    if (change.kind == ChangeKind::event || change.kind == ChangeKind::schema) return change;
    if (stored->field("row")) {
        change.table = &sources.schema().require(Table{change.name});
    } else {
        change.collection = &sources.schema().require(Collection{change.name});
    }
    return change;
}

}  // namespace detail

}  // namespace amphora

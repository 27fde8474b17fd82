#include "events/consumer_rows.hpp"

#include "stores/rows.hpp"

#include <amphora/document.hpp>
#include <amphora/error.hpp>
#include <amphora/schema.hpp>
#include <amphora/value.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace amphora::events {

namespace {

constexpr Table consumers{"amphora.consumers"};
constexpr std::array<std::string_view, 2> kinds{"handler", "reader"};
constexpr std::array<std::string_view, 3> states{"running", "paused", "stopped"};
constexpr std::array<std::string_view, 2> policies{"hold", "skip"};

/// Names in JSON: ["orders","visits"].
Value text_of(const std::vector<std::string>& names) {
    if (names.empty()) return {};
    Array all;
    for (const std::string& name : names) all.append(name);
    return to_json(BsonValue{all}.view());
}

std::vector<std::string> names_of(const std::string& json) {
    const BsonValue parsed = BsonValue::from_json(json);
    const auto all = parsed.view().as_array();
    std::vector<std::string> names;
    if (!all) return names;
    for (const Element& each : *all) names.emplace_back(each.value.as_text().value_or(""));
    return names;
}

ConsumerRow row_of(const Record& row) {
    const auto optional_text = [&](const char* column) -> std::optional<std::string> {
        if (row[column].is_null()) return std::nullopt;
        return row[column].as<std::string>();
    };
    ConsumerRow found;
    found.name = row["name"].as<std::string>();
    found.position = row["position"].as<std::string>();
    found.definition = row["definition"].as<std::string>();
    const auto kind = std::ranges::find(kinds, row["kind"].as<std::string>());
    found.kind = static_cast<ConsumerRow::Kind>(kind - kinds.begin());
    const auto state = std::ranges::find(states, row["state"].as<std::string>());
    found.state = static_cast<ConsumerRow::State>(state - states.begin());
    const auto when_full = std::ranges::find(policies, row["when_full"].as<std::string>());
    found.when_full = static_cast<FeedFull>(when_full - policies.begin());
    found.attempts = static_cast<std::uint32_t>(row["attempts"].as<std::int64_t>());
    found.failing = optional_text("failing");
    found.last_error = optional_text("last_error");
    found.created_at = row["created_at"].as<DateTime>();
    if (!row["ran_at"].is_null()) found.ran_at = row["ran_at"].as<DateTime>();
    // An earlier version has not made the column, and a read-only opening adds none.
    const Value* const again = row.find("read_again");
    if (again != nullptr && !again->is_null()) {
        found.read_again = names_of(again->as<std::string>());
    }
    return found;
}

template <class Held>
Value or_null(const std::optional<Held>& value) {
    return value ? Value{*value} : Value{};
}

}  // namespace

std::string_view to_string(ConsumerRow::State state) noexcept {
    return states[static_cast<std::size_t>(state)];
}

}  // namespace amphora::events

namespace amphora {

std::string_view to_string(FeedFull when_full) noexcept {
    return events::policies[static_cast<std::size_t>(when_full)];
}

}  // namespace amphora

namespace amphora::events {

std::vector<ConsumerRow> read_consumers(const transaction::Reading& reading,
                                        const stores::BoundSchema& schema) {
    std::vector<ConsumerRow> found;
    if (schema.catalog().find(consumers) == nullptr) return found;
    relational::RowScan rows = stores::scan(reading, schema, consumers);
    while (rows.next()) found.push_back(row_of(rows.row().record()));
    return found;
}

std::optional<ConsumerRow> read_consumer(const transaction::Reading& reading,
                                         const stores::BoundSchema& schema, std::string_view name) {
    if (schema.catalog().find(consumers) == nullptr) return std::nullopt;
    const std::array key{Cell::of(name)};
    Buffer scratch;
    const auto row = stores::find(reading, schema, consumers, key, scratch);
    if (!row) return std::nullopt;
    return row_of(row->record());
}

void put_consumer(transaction::Writing& writing, const stores::BoundSchema& schema,
                  const ConsumerRow& consumer) {
    Record row{{"name", consumer.name},
               {"position", consumer.position},
               {"definition", consumer.definition},
               {"kind", kinds[static_cast<std::size_t>(consumer.kind)]},
               {"state", to_string(consumer.state)},
               {"when_full", to_string(consumer.when_full)},
               {"attempts", consumer.attempts},
               {"failing", or_null(consumer.failing)},
               {"last_error", or_null(consumer.last_error)},
               {"created_at", consumer.created_at},
               {"updated_at", now},
               {"ran_at", or_null(consumer.ran_at)},
               {"read_again", text_of(consumer.read_again)}};
    static_cast<void>(stores::put(writing, schema, consumers, row));
}

bool erase_consumer(transaction::Writing& writing, const stores::BoundSchema& schema,
                    std::string_view name) {
    const std::array key{Cell::of(name)};
    return stores::erase(writing, schema, consumers, key);
}

std::optional<FeedPlace> place_of(const ConsumerRow& consumer) {
    try {
        return place_of(consumer.position);
    } catch (const Error&) {
        return std::nullopt;
    }
}

std::optional<Sequence> needed_after(const ConsumerRow& consumer, const Lineage& lineage) {
    const std::optional<FeedPlace> place = place_of(consumer);
    if (!place) return Sequence{};
    const FeedPosition& position = place->position;
    if (lineage.standing({position.timeline()}, position.sequence()) != Standing::own) {
        return std::nullopt;
    }
    return needed_after(position);
}

Sequence needed_after(const FeedPosition& position) noexcept {
    if (position.is_whole_commit() || position.sequence() == Sequence{}) return position.sequence();
    return Sequence{number(position.sequence()) - 1};
}

std::string origin_of_consumer(std::string_view name) {
    return "amphora.consumer/" + std::string{name};
}

}  // namespace amphora::events

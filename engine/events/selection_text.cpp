#include "events/selection_text.hpp"

#include <amphora/document.hpp>

#include <array>
#include <string_view>
#include <utility>

namespace amphora::events {

namespace {

constexpr std::array<std::string_view, 9> comparisons{"=",  "!=",      "<",           "<=", ">",
                                                      ">=", "is null", "is not null", "in"};

BsonValue bson_of(const Value& value) {
    return std::visit(
        [](const auto& held) -> BsonValue {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<Held, std::monostate>) {
                return {};
            } else if constexpr (std::is_same_v<Held, Time> || std::is_same_v<Held, Date> ||
                                 std::is_same_v<Held, DateTime>) {
                // As text, because a date of BSON has milliseconds only.
                return to_string(held);
            } else {
                return held;
            }
        },
        value.holder());
}

Array kinds_of(ChangeKinds kinds) {
    Array names;
    for (const ChangeKind kind :
         {ChangeKind::insert, ChangeKind::update, ChangeKind::erase, ChangeKind::read}) {
        if (kinds.contain(kind)) names.append(std::string{to_string(kind)});
    }
    return names;
}

Array rows_of(const Conditions& conditions) {
    Array all;
    for (const Condition& condition : conditions.all()) {
        Array one;
        one.append(condition.column);
        one.append(std::string{comparisons.at(static_cast<std::size_t>(condition.comparison))});
        for (const Value& value : condition.values) one.append(bson_of(value));
        all.append(one);
    }
    return all;
}

Document document_of(const Selection& selection) {
    switch (selection.source) {
        case Selection::Source::table: {
            Document table{{"table", selection.name}, {"kinds", kinds_of(selection.kinds)}};
            if (!selection.rows.all().empty()) table.append("rows", rows_of(selection.rows));
            return table;
        }
        case Selection::Source::collection: {
            Document collection{{"collection", selection.name},
                                {"kinds", kinds_of(selection.kinds)}};
            if (!selection.documents.view().empty()) {
                collection.append("documents", selection.documents);
            }
            return collection;
        }
        case Selection::Source::topics:
            return Document{{"topics", selection.name}};
        case Selection::Source::schema:
            break;
    }
    return Document{{"schema", true}};
}

/// The table or collection of one selection, if it selects what is read.
std::optional<std::string_view> name_read(DocumentView selection) {
    for (const char* const source : {"table", "collection"}) {
        const auto name = selection.field(source);
        const auto kinds = selection.field("kinds");
        const auto all = kinds ? kinds->as_array() : OptionalDocument{};
        if (!name || !all) continue;
        for (const Element& kind : *all) {
            if (kind.value.as_text() == to_string(ChangeKind::read)) return name->as_text();
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::vector<std::string>> names_read(std::string_view text) {
    const BsonValue parsed = BsonValue::from_json(text);
    const auto selections = parsed.view().as_array();
    std::vector<std::string> names;
    if (!selections) return names;
    if (selections->empty()) return std::nullopt;
    for (const Element& selection : *selections) {
        const auto document = selection.value.as_document();
        const auto name = document ? name_read(*document) : std::nullopt;
        if (name) names.emplace_back(*name);
    }
    return names;
}

std::string to_text(std::span<const Selection> selections) {
    std::string text = "[";
    for (const Selection& selection : selections) {
        if (text.size() > 1) text += ", ";
        text += to_json(document_of(selection), JsonFormat::canonical);
    }
    return text + "]";
}

}  // namespace amphora::events

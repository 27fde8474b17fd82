#include "document/update/action.hpp"

#include "base/name_list.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace amphora::document {

namespace {

using Operator = UpdateAction::Operator;

struct Spelling {
    std::string_view name;
    Operator operation;
};
constexpr std::array<Spelling, 14> spellings{{
    {"$set", Operator::set},
    {"$unset", Operator::unset},
    {"$inc", Operator::increment},
    {"$mul", Operator::multiply},
    {"$min", Operator::minimum},
    {"$max", Operator::maximum},
    {"$rename", Operator::rename},
    {"$push", Operator::push},
    {"$addToSet", Operator::add_to_set},
    {"$pull", Operator::pull},
    {"$pullAll", Operator::pull_all},
    {"$pop", Operator::pop},
    {"$currentDate", Operator::current_date},
    {"$setOnInsert", Operator::set_on_insert},
}};

[[noreturn]] void refuse(std::string_view name, std::string_view path, std::string_view why) {
    throw Error{ErrorCode::invalid_argument, fmt::format("update: {} of {}: {}", name, path, why)};
}

/// As in MongoDB: no update gives a document a field of its own whose name begins with $, but
/// documents and arrays inside of it may have such fields. `taken`: this update gives no field.
enum class Dollars : std::uint8_t { refused, taken };

bool is_positional(std::string_view part) {
    return part == "$" || (part.starts_with("$[") && part.ends_with(']'));
}

/// The path may come from a value, as $rename's target does, so its parts may be no valid names
/// yet.
FieldPath parse_path(std::string_view name, std::string_view dotted,
                     Dollars dollars = Dollars::refused) {
    if (const auto nul = dotted.find('\0'); nul != std::string_view::npos) {
        refuse(name, dotted.substr(0, nul),
               fmt::format("a field's name has a NUL in it, at byte {} of the path", nul));
    }
    FieldPath path{dotted};
    for (std::size_t place = 0; place < path.size(); ++place) {
        const std::string& part = path.part(place);
        if (part.empty()) refuse(name, dotted, "a part of the path is empty");
        if (is_positional(part)) {
            throw Error{ErrorCode::unsupported,
                        fmt::format("update: {} of {}: there is no positional {} here", name,
                                    dotted, part)};
        }
        if (place == 0 && part.starts_with('$') && dollars == Dollars::refused) {
            refuse(name, dotted,
                   "a document's own field cannot be given a name that begins with $");
        }
    }
    return path;
}

std::optional<DocumentView> find_each(BsonView operand) {
    const std::optional<DocumentView> document = operand.as_document();
    if (!document || !document->field("$each")) return std::nullopt;
    return document;
}

std::vector<BsonView> list_of(std::string_view name, std::string_view path, BsonView list) {
    if (!list.is_array()) refuse(name, path, "an array is needed");
    std::vector<BsonView> values;
    for (const Element& element : *list.as_array()) values.push_back(element.value);
    return values;
}

bool parse_direction(std::string_view path, BsonView value) {
    const std::optional<std::int64_t> direction =
        value.is_number() ? value.as_int64() : std::nullopt;
    if (direction != 1 && direction != -1) refuse("$push", path, "$sort goes by 1 or by -1");
    return direction == -1;
}

std::vector<PushModifiers::Key> parse_sort(std::string_view path, BsonView sort) {
    std::vector<PushModifiers::Key> keys;
    if (!sort.is_document()) {
        keys.push_back({FieldPath{}, parse_direction(path, sort)});
        return keys;
    }
    for (const Element& element : *sort.as_document()) {
        const bool descending = parse_direction(path, element.value);
        keys.push_back({parse_path("$push", element.name), descending});
    }
    if (keys.empty()) refuse("$push", path, "$sort needs a field");
    return keys;
}

std::int64_t parse_whole(std::string_view path, std::string_view modifier, BsonView value) {
    const std::optional<std::int64_t> whole = value.is_number() ? value.as_int64() : std::nullopt;
    if (!whole) refuse("$push", path, fmt::format("{} needs a whole number", modifier));
    return *whole;
}

/// A modifier of $push: {"$push": {"tags": {"$each": ["a", "b"], "$slice": 10}}}.
struct PushModifier {
    std::string_view name;
    void (*read)(UpdateAction& action, BsonView value);
};
constexpr std::array push_modifiers{
    PushModifier{"$each",
                 [](UpdateAction& action, BsonView value) {
                     action.values = list_of("$push", action.path.dotted(), value);
                 }},
    PushModifier{"$position",
                 [](UpdateAction& action, BsonView value) {
                     action.modifiers.position =
                         parse_whole(action.path.dotted(), "$position", value);
                 }},
    PushModifier{"$slice",
                 [](UpdateAction& action, BsonView value) {
                     action.modifiers.slice = parse_whole(action.path.dotted(), "$slice", value);
                 }},
    PushModifier{"$sort",
                 [](UpdateAction& action, BsonView value) {
                     action.modifiers.sort = parse_sort(action.path.dotted(), value);
                 }},
};

void parse_push(UpdateAction& action) {
    const std::optional<DocumentView> each = find_each(action.operand);
    if (!each) {
        action.values.push_back(action.operand);
        return;
    }
    for (const Element& element : *each) {
        const auto found = std::ranges::find(push_modifiers, element.name, &PushModifier::name);
        if (found == push_modifiers.end()) {
            refuse("$push", action.path.dotted(), fmt::format("{} is no modifier", element.name));
        }
        found->read(action, element.value);
    }
}

void parse_add_to_set(UpdateAction& action) {
    const std::optional<DocumentView> each = find_each(action.operand);
    if (!each || each->begin()->name != "$each") {
        action.values.push_back(action.operand);
        return;
    }
    const std::string& path = action.path.dotted();
    if (each->count() != 1) refuse("$addToSet", path, "$each takes no other modifier");
    action.values = list_of("$addToSet", path, each->begin()->value);
}

void parse_pull(UpdateAction& action) {
    if (action.operand.type() == BsonType::regex) {
        throw Error{ErrorCode::unsupported,
                    fmt::format("update: $pull of {}: matching by a regular expression is not "
                                "supported",
                                action.path.dotted())};
    }
    const std::optional<DocumentView> condition = action.operand.as_document();
    if (!condition) return;
    const std::string_view first = condition->empty() ? "" : condition->begin()->name;
    if (first.starts_with('$') && first != "$and" && first != "$or" && first != "$nor") {
        // The operators are about the element, so it is wrapped in a document for them.
        action.pattern = Filter{
            Document{{"", action.operand.is_null() ? BsonValue{} : BsonValue{action.operand}}}};
    } else {
        action.pattern = Filter{*condition};
        action.pattern_of_documents = true;
    }
}

void parse_current_date(UpdateAction& action) {
    const std::string& path = action.path.dotted();
    if (action.operand.as_bool()) return;
    const std::optional<DocumentView> document = action.operand.as_document();
    const auto type = document ? document->field("$type") : std::nullopt;
    const auto name = type ? type->as_text() : std::nullopt;
    if (!name || document->count() != 1 || (*name != "date" && *name != "timestamp")) {
        refuse("$currentDate", path, R"(true or {"$type": "date" or "timestamp"} is needed)");
    }
    action.timestamp = *name == "timestamp";
}

UpdateAction parse_action(Operator operation, std::string_view name, const Element& element) {
    UpdateAction action;
    action.operation = operation;
    action.operand = element.value;
    const bool removes = operation == Operator::rename || operation == Operator::unset;
    action.path = parse_path(name, element.name, removes ? Dollars::taken : Dollars::refused);
    switch (operation) {
        case Operator::increment:
        case Operator::multiply:
            if (!element.value.is_number()) refuse(name, element.name, "a number is needed");
            break;
        case Operator::rename: {
            const std::optional<std::string_view> target = element.value.as_text();
            if (!target) refuse(name, element.name, "the new name must be a text");
            action.source = std::move(action.path);
            action.path = parse_path(name, *target);
            break;
        }
        case Operator::push:
            parse_push(action);
            break;
        case Operator::add_to_set:
            parse_add_to_set(action);
            break;
        case Operator::pull:
            parse_pull(action);
            break;
        case Operator::pull_all:
            action.values = list_of(name, element.name, element.value);
            break;
        case Operator::pop: {
            const auto side = element.value.is_number() ? element.value.as_int64() : std::nullopt;
            if (side != 1 && side != -1) refuse(name, element.name, "1 or -1 is needed");
            action.at_front = side == -1;
            break;
        }
        case Operator::current_date:
            parse_current_date(action);
            break;
        default:
            break;
    }
    return action;
}

/// The order in which missing fields are added to the document: part by part, positions as numbers
/// and before names.
bool comes_before(const FieldPath& left, const FieldPath& right) {
    for (std::size_t place = 0; place < std::min(left.size(), right.size()); ++place) {
        const auto one = left.position(place);
        const auto other = right.position(place);
        if (one.has_value() != other.has_value()) return one.has_value();
        if (one && *one != *other) return *one < *other;
        if (left.part(place) != right.part(place)) return left.part(place) < right.part(place);
    }
    return left.size() < right.size();
}

void require_apart(const std::vector<UpdateAction>& actions) {
    std::vector<const FieldPath*> paths;
    for (const UpdateAction& action : actions) {
        paths.push_back(&action.path);
        if (action.operation == Operator::rename) paths.push_back(&action.source);
    }
    // In this order a path comes before the paths that begin with it, with only such paths between.
    std::ranges::sort(
        paths, [](const auto* left, const auto* right) { return comes_before(*left, *right); });
    for (std::size_t i = 1; i < paths.size(); ++i) {
        if (!paths[i]->begins_with(*paths[i - 1])) continue;
        if (*paths[i] == *paths[i - 1]) {
            throw Error{ErrorCode::invalid_argument,
                        fmt::format("update: {} is changed twice", paths[i]->dotted())};
        }
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("update: {} and {} are in conflict", paths[i - 1]->dotted(),
                                paths[i]->dotted())};
    }
}

}  // namespace

std::vector<UpdateAction> parse_update(DocumentView update) {
    std::vector<UpdateAction> actions;
    for (const Element& element : update) {
        const auto found = std::ranges::find(spellings, element.name, &Spelling::name);
        if (found == spellings.end()) {
            if (!element.name.starts_with('$')) {
                throw Error{ErrorCode::invalid_argument,
                            fmt::format("update: {} is among operators; operators and fields "
                                        "cannot be mixed",
                                        element.name)};
            }
            throw Error{ErrorCode::unsupported,
                        fmt::format("update: there is no operator {} here; there are {}",
                                    element.name, NameList{spellings, &Spelling::name}.text())};
        }
        const std::optional<DocumentView> operands = element.value.as_document();
        if (!operands) {
            throw Error{ErrorCode::invalid_argument,
                        fmt::format("update: {} needs a document of fields", element.name)};
        }
        for (const Element& operand : *operands) {
            actions.push_back(parse_action(found->operation, element.name, operand));
        }
    }
    require_apart(actions);
    std::ranges::stable_sort(actions, [](const UpdateAction& left, const UpdateAction& right) {
        return comes_before(left.path, right.path);
    });
    return actions;
}

std::vector<std::string_view> update_operators() {
    std::vector<std::string_view> names;
    names.reserve(spellings.size() + push_modifiers.size());
    for (const Spelling& spelling : spellings) names.push_back(spelling.name);
    for (const PushModifier& modifier : push_modifiers) names.push_back(modifier.name);
    return names;
}

}  // namespace amphora::document

#include "document/query/filter_node.hpp"

#include "base/name_list.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

namespace amphora::document {

namespace {

using Kind = FilterNode::Kind;

[[noreturn]] void refuse(const std::string& message) {
    throw Error{ErrorCode::invalid_argument, "filter: " + message};
}

/// "field age: ", or nothing where there is no field.
std::string at_field(std::string_view path) {
    return path.empty() ? std::string{} : fmt::format("field {}: ", path);
}

[[noreturn]] void refuse_regex(std::string_view path) {
    throw Error{
        ErrorCode::unsupported,
        fmt::format("filter: {}matching by a regular expression is not supported; for texts "
                    "that begin with \"ab\" write {{\"$gte\": \"ab\", \"$lt\": \"ac\"}}",
                    at_field(path))};
}

/// `known`: the operators that are allowed at this place.
template <class Operators>
[[noreturn]] void refuse_operator(std::string_view name, std::string_view path,
                                  const Operators& known) {
    if (name == "$regex") refuse_regex(path);
    throw Error{
        ErrorCode::unsupported,
        fmt::format("filter: {}there is no operator {} here; there are {}", at_field(path), name,
                    NameList{known, [](const auto& one) { return one.name; }}.text())};
}

/// Whether the value of a field consists of operators: {"$gt": 5}. References ({"$ref": ...}) are
/// plain values.
bool is_operators(BsonView value) {
    const std::optional<DocumentView> document = value.as_document();
    if (!document || document->empty()) return false;
    const std::string_view first = document->begin()->name;
    return first.starts_with('$') && first != "$ref" && first != "$id" && first != "$db";
}

FilterNode compare(Kind kind, std::string_view path, std::string_view name, BsonView operand) {
    if (operand.type() == BsonType::undefined) {
        refuse(fmt::format("field {}: {} cannot compare with undefined", path, name));
    }
    if (kind != Kind::equal && operand.type() == BsonType::regex) {
        refuse(fmt::format("field {}: {} cannot compare with a regular expression", path, name));
    }
    FilterNode node;
    node.kind = kind;
    node.path = FieldPath{path};
    node.operand = operand;
    return node;
}

FilterNode negate(FilterNode node) {
    FilterNode none;
    none.kind = Kind::none_of;
    none.children.push_back(std::move(node));
    return none;
}

/// The meaning of {"field": value} where the value has no operators.
FilterNode parse_equality(std::string_view path, BsonView value) {
    if (value.type() == BsonType::regex) {
        refuse_regex(path);
    }
    return compare(Kind::equal, path, "equality", value);
}

FilterNode parse_in(std::string_view path, std::string_view name, BsonView operand) {
    const std::optional<DocumentView> list = operand.as_array();
    if (!list) refuse(fmt::format("field {}: {} needs an array", path, name));
    FilterNode node;
    node.kind = Kind::in;
    node.path = FieldPath{path};
    for (const Element& element : *list) {
        const BsonView value = element.value;
        if (value.type() == BsonType::undefined) {
            refuse(fmt::format("field {}: {} cannot compare with undefined", path, name));
        }
        if (is_operators(value)) {
            refuse(fmt::format("field {}: {} cannot have operators inside", path, name));
        }
        if (value.type() == BsonType::regex) {
            refuse_regex(path);
        }
        node.operands.push_back(value);
    }
    return node;
}

bool is_true(BsonView value) {
    if (value.is_null() || value.type() == BsonType::undefined) return false;
    if (const auto boolean = value.as_bool()) return *boolean;
    if (const auto whole = value.as_int64()) return *whole != 0;
    return true;  // not a whole number, or no number
}

constexpr std::array types_all{
    BsonType::real,       BsonType::string,  BsonType::document,
    BsonType::array,      BsonType::binary,  BsonType::undefined,
    BsonType::object_id,  BsonType::boolean, BsonType::date,
    BsonType::null,       BsonType::regex,   BsonType::db_pointer,
    BsonType::code,       BsonType::symbol,  BsonType::int32,
    BsonType::timestamp,  BsonType::int64,   BsonType::code_with_scope,
    BsonType::decimal128, BsonType::max_key, BsonType::min_key,
};

std::uint32_t parse_type(std::string_view path, BsonView value) {
    if (const auto name = value.as_text()) {
        if (*name == "number") {
            return type_bit(BsonType::int32) | type_bit(BsonType::int64) |
                   type_bit(BsonType::real) | type_bit(BsonType::decimal128);
        }
        for (const BsonType type : types_all) {
            if (to_string(type) == *name) return type_bit(type);
        }
        refuse(fmt::format("field {}: $type knows no type named {}", path, *name));
    }
    if (!value.is_number()) {
        refuse(fmt::format("field {}: $type needs the name or the number of a type", path));
    }
    const std::optional<std::int32_t> number = value.as_int32();
    if (number == -1) return type_bit(BsonType::min_key);
    for (const BsonType type : types_all) {
        if (type != BsonType::min_key && number == static_cast<std::int32_t>(type)) {
            return type_bit(type);
        }
    }
    refuse(fmt::format("field {}: $type knows no type with that number", path));
}

FilterNode parse_types(std::string_view path, BsonView operand) {
    FilterNode node;
    node.kind = Kind::type;
    node.path = FieldPath{path};
    if (const std::optional<DocumentView> list = operand.as_array()) {
        if (list->empty()) refuse(fmt::format("field {}: $type needs at least one type", path));
        for (const Element& element : *list) node.types |= parse_type(path, element.value);
    } else {
        node.types = parse_type(path, operand);
    }
    return node;
}

FilterNode parse_size(std::string_view path, BsonView operand) {
    const std::optional<std::int32_t> size = operand.as_int32();
    if (!size || *size < 0) {
        refuse(fmt::format("field {}: $size needs a whole number that is not negative", path));
    }
    FilterNode node;
    node.kind = Kind::size;
    node.path = FieldPath{path};
    node.size = static_cast<std::size_t>(*size);
    return node;
}

FilterNode parse_operators(std::string_view path, DocumentView operators);

FilterNode parse_element_match(std::string_view path, BsonView operand) {
    const std::optional<DocumentView> inner = operand.as_document();
    if (!inner) refuse(fmt::format("field {}: $elemMatch needs a document", path));
    FilterNode node;
    node.path = FieldPath{path};
    const std::string_view first = inner->empty() ? std::string_view{} : inner->begin()->name;
    if (is_operators(operand) && first != "$and" && first != "$or" && first != "$nor") {
        node.kind = Kind::element_value;
        node.children.push_back(parse_operators(path, *inner));
    } else {
        node.kind = Kind::element_fields;
        node.children.push_back(parse_filter(*inner));
    }
    return node;
}

FilterNode parse_all(std::string_view path, BsonView operand) {
    const std::optional<DocumentView> list = operand.as_array();
    if (!list) refuse(fmt::format("field {}: $all needs an array", path));
    FilterNode node;
    if (list->empty()) {
        node.kind = Kind::nothing;
        return node;
    }
    const auto is_element_match = [](BsonView value) {
        return is_operators(value) && value.as_document()->begin()->name == "$elemMatch";
    };
    const bool elements = is_element_match(list->begin()->value);
    for (const Element& element : *list) {
        const BsonView value = element.value;
        if (is_element_match(value) != elements) {
            refuse(fmt::format("field {}: $all takes $elemMatch for all of its values or for none",
                               path));
        }
        if (elements) {
            node.children.push_back(parse_element_match(path, value.as_document()->begin()->value));
        } else if (is_operators(value)) {
            refuse(fmt::format("field {}: $all cannot have {} inside", path,
                               value.as_document()->begin()->name));
        } else {
            node.children.push_back(parse_equality(path, value));
        }
    }
    return node;
}

FilterNode parse_not(std::string_view path, BsonView operand) {
    if (operand.type() == BsonType::regex) {
        refuse_regex(path);
    }
    if (!operand.is_document() || operand.as_document()->empty()) {
        refuse(fmt::format("field {}: $not needs a document of operators", path));
    }
    return negate(parse_operators(path, *operand.as_document()));
}

FilterNode parse_not_equal(std::string_view path, BsonView operand) {
    if (operand.type() == BsonType::regex) {
        refuse(fmt::format("field {}: $ne cannot take a regular expression", path));
    }
    return negate(compare(Kind::equal, path, "$ne", operand));
}

FilterNode parse_exists(std::string_view path, BsonView operand) {
    FilterNode node;
    node.kind = Kind::exists;
    node.path = FieldPath{path};
    return is_true(operand) ? std::move(node) : negate(std::move(node));
}

/// An operator after a field: {"age": {"$gt": 5}}.
struct FieldOperator {
    std::string_view name;
    FilterNode (*parse)(std::string_view path, BsonView operand);
};
constexpr std::array field_operators{
    FieldOperator{"$eq",
                  [](auto path, auto value) { return compare(Kind::equal, path, "$eq", value); }},
    FieldOperator{"$ne", &parse_not_equal},
    FieldOperator{"$gt",
                  [](auto path, auto value) { return compare(Kind::greater, path, "$gt", value); }},
    FieldOperator{
        "$gte",
        [](auto path, auto value) { return compare(Kind::greater_equal, path, "$gte", value); }},
    FieldOperator{"$lt",
                  [](auto path, auto value) { return compare(Kind::less, path, "$lt", value); }},
    FieldOperator{
        "$lte",
        [](auto path, auto value) { return compare(Kind::less_equal, path, "$lte", value); }},
    FieldOperator{"$in", [](auto path, auto value) { return parse_in(path, "$in", value); }},
    FieldOperator{"$nin",
                  [](auto path, auto value) { return negate(parse_in(path, "$nin", value)); }},
    FieldOperator{"$exists", &parse_exists},
    FieldOperator{"$type", &parse_types},
    FieldOperator{"$size", &parse_size},
    FieldOperator{"$all", &parse_all},
    FieldOperator{"$elemMatch", &parse_element_match},
    FieldOperator{"$not", &parse_not},
};

/// An operator at the place of a field: {"$or": [...]}. $comment has no effect.
struct LogicOperator {
    std::string_view name;
    std::optional<Kind> kind;
};
constexpr std::array logic_operators{
    LogicOperator{"$and", Kind::all_of},
    LogicOperator{"$or", Kind::any_of},
    LogicOperator{"$nor", Kind::none_of},
    LogicOperator{"$comment", std::nullopt},
};

FilterNode parse_operator(std::string_view path, std::string_view name, BsonView operand) {
    const auto found = std::ranges::find(field_operators, name, &FieldOperator::name);
    if (found == field_operators.end()) refuse_operator(name, path, field_operators);
    return found->parse(path, operand);
}

/// All operators of {"$gt": 5, "$lt": 9}, for one field.
FilterNode parse_operators(std::string_view path, DocumentView operators) {
    FilterNode all;
    for (const Element& element : operators) {
        all.children.push_back(parse_operator(path, element.name, element.value));
    }
    return all;
}

FilterNode parse_logic(Kind kind, std::string_view name, BsonView operand) {
    const std::optional<DocumentView> list = operand.as_array();
    if (!list || list->empty()) refuse(fmt::format("{} needs an array with filters in it", name));
    FilterNode node;
    node.kind = kind;
    for (const Element& element : *list) {
        const std::optional<DocumentView> filter = element.value.as_document();
        if (!filter) refuse(fmt::format("{}: element {} is no filter", name, element.name));
        node.children.push_back(parse_filter(*filter));
    }
    return node;
}

/// Joins an "all of" with the "all of" that contains it, so the planner sees every condition.
void flatten(FilterNode node, std::vector<FilterNode>& conditions) {
    if (node.kind != Kind::all_of) {
        conditions.push_back(std::move(node));
        return;
    }
    for (FilterNode& child : node.children) flatten(std::move(child), conditions);
}

}  // namespace

FilterNode parse_filter(DocumentView filter) {
    FilterNode all;
    const auto add = [&all](FilterNode node) { flatten(std::move(node), all.children); };
    for (const Element& element : filter) {
        const std::string_view name = element.name;
        const BsonView value = element.value;
        const auto logic = std::ranges::find(logic_operators, name, &LogicOperator::name);
        if (logic != logic_operators.end()) {
            if (logic->kind) add(parse_logic(*logic->kind, name, value));
        } else if (name.starts_with('$')) {
            refuse_operator(name, {}, logic_operators);
        } else if (is_operators(value)) {
            add(parse_operators(name, *value.as_document()));
        } else {
            add(parse_equality(name, value));
        }
    }
    return all;
}

std::vector<std::string_view> filter_operators() {
    std::vector<std::string_view> names;
    names.reserve(field_operators.size() + logic_operators.size());
    for (const FieldOperator& field : field_operators) names.push_back(field.name);
    for (const LogicOperator& logic : logic_operators) names.push_back(logic.name);
    return names;
}

}  // namespace amphora::document

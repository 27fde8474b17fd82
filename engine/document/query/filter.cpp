#include "document/query/filter.hpp"

#include "base/assert.hpp"
#include "codec/bson/order.hpp"
#include "document/query/filter_node.hpp"
#include "document/query/path_walk.hpp"

#include <algorithm>
#include <cmath>

namespace amphora::document {

namespace {

using Kind = FilterNode::Kind;
using FoundValue = std::optional<BsonView>;

bool is_nan(BsonView value) {
    if (value.type() == BsonType::real) return std::isnan(*value.as_double());
    if (value.type() != BsonType::decimal128) return false;
    // BID: 11111 in the combination field, after the sign bit.
    return (static_cast<std::uint8_t>(value.raw()[15]) & 0x7Cu) == 0x7Cu;
}

bool matches_document(const FilterNode& node, DocumentView document);
bool matches_value(const FilterNode& node, const FoundValue& value);

bool has_matching_element(const FilterNode& node, const FoundValue& value) {
    if (!value || !value->is_array()) return false;
    for (const Element& element : *value->as_array()) {
        const BsonView inner = element.value;
        bool all = true;
        if (node.kind == Kind::element_value) {
            for (const FilterNode& child : node.children) {
                if (all = matches_value(child, inner); !all) break;
            }
        } else {
            // Here an array inside of the array counts as a document with fields 0, 1, ...
            if (!inner.is_document() && !inner.is_array()) continue;
            for (const FilterNode& child : node.children) {
                if (all = matches_document(child, DocumentView{inner.raw()}); !all) break;
            }
        }
        if (all) return true;
    }
    return false;
}

/// Whether as many children hold as the node asks for.
template <class Holds>
bool combines(const FilterNode& node, const Holds& holds) {
    switch (node.kind) {
        case Kind::all_of:
            return std::ranges::all_of(node.children, holds);
        case Kind::any_of:
            return std::ranges::any_of(node.children, holds);
        case Kind::none_of:
            return std::ranges::none_of(node.children, holds);
        default:
            return false;
    }
}

/// Whether one value fulfils a node, by whatever path it was reached.
bool matches_value(const FilterNode& node, const FoundValue& value) {
    switch (node.kind) {
        case Kind::all_of:
        case Kind::any_of:
        case Kind::none_of:
        case Kind::nothing:
            return combines(node,
                            [&](const FilterNode& child) { return matches_value(child, value); });
        case Kind::equal:
        case Kind::less:
        case Kind::less_equal:
        case Kind::greater:
        case Kind::greater_equal:
            return compares(node.kind, value, node.operand);
        case Kind::in:
            return std::ranges::any_of(node.operands, [&](BsonView operand) {
                return compares(Kind::equal, value, operand);
            });
        case Kind::exists:
            return value.has_value();
        case Kind::type:
            return value && (type_bit(value->type()) & node.types) != 0;
        case Kind::size:
            return value && value->is_array() && value->as_array()->count() == node.size;
        case Kind::element_value:
        case Kind::element_fields:
            return has_matching_element(node, value);
    }
    AMPHORA_ASSERT(!"every kind of node is handled above");
}

bool matches_document(const FilterNode& node, DocumentView document) {
    switch (node.kind) {
        case Kind::all_of:
        case Kind::any_of:
        case Kind::none_of:
        case Kind::nothing:
            return combines(
                node, [&](const FilterNode& child) { return matches_document(child, document); });
        case Kind::size:
        case Kind::element_value:
        case Kind::element_fields:
            return walk(node.path, document, LeafArrays::whole,
                        [&](const FoundValue& value) { return matches_value(node, value); });
        default:
            return walk(node.path, document, LeafArrays::spread,
                        [&](const FoundValue& value) { return matches_value(node, value); });
    }
}

}  // namespace

bool compares(Kind comparison, const FoundValue& value, BsonView operand) {
    if (!value || codec::order_of(value->type()) != codec::order_of(operand.type())) {
        // A missing field is null; an undefined field is not (as in MongoDB 8).
        if (!value && operand.is_null()) {
            return comparison != Kind::less && comparison != Kind::greater;
        }
        const bool below = comparison == Kind::less || comparison == Kind::less_equal;
        const bool above = comparison == Kind::greater || comparison == Kind::greater_equal;
        return (operand.type() == BsonType::max_key && below) ||
               (operand.type() == BsonType::min_key && above);
    }
    if (value->is_number()) {
        const bool left = is_nan(*value);
        const bool right = is_nan(operand);
        if (left || right) {
            return left && right && comparison != Kind::less && comparison != Kind::greater;
        }
    }
    const auto order = codec::compare(*value, operand);
    switch (comparison) {
        case Kind::equal:
            return order == 0;
        case Kind::less:
            return order < 0;
        case Kind::less_equal:
            return order <= 0;
        case Kind::greater:
            return order > 0;
        case Kind::greater_equal:
            return order >= 0;
        default:
            AMPHORA_ASSERT(!"a comparison");
    }
}

struct Filter::Parsed {
    Parsed() = default;
    explicit Parsed(DocumentView filter) : text{filter}, root{parse_filter(text)} {}
    Document text;
    FilterNode root;
};

Filter::Filter() : parsed_{std::make_shared<const Parsed>()} {}

Filter::Filter(DocumentView filter) : parsed_{std::make_shared<const Parsed>(filter)} {}

bool Filter::matches(DocumentView document) const {
    return matches_document(parsed_->root, document);
}

bool Filter::is_empty() const noexcept {
    return parsed_->root.kind == Kind::all_of && parsed_->root.children.empty();
}

DocumentView Filter::text() const noexcept {
    return parsed_->text;
}

const FilterNode& Filter::root() const noexcept {
    return parsed_->root;
}

}  // namespace amphora::document

#pragma once

#include "document/collection/field_path.hpp"

#include <amphora/document.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace amphora::document {

/// One part of a parsed filter. Operands point into the filter's text.
struct FilterNode {
    enum class Kind : std::uint8_t {
        all_of,   ///< children; none: everything
        any_of,   ///< children
        none_of,  ///< children
        nothing,  ///< $all with an empty list
        equal,
        less,
        less_equal,
        greater,
        greater_equal,
        in,
        exists,
        type,
        size,
        element_value,   ///< $elemMatch whose children are operators on the element
        element_fields,  ///< $elemMatch whose children are about the element's fields
    };
    Kind kind = Kind::all_of;
    FieldPath path;                    ///< empty: the element itself, inside of element_value
    BsonView operand;                  ///< comparisons
    std::vector<BsonView> operands;    ///< in
    std::uint32_t types = 0;           ///< type: one bit for each, see `type_bit`
    std::size_t size = 0;              ///< size
    std::vector<FilterNode> children;  ///< logic and elements

    [[nodiscard]] bool is_comparison() const noexcept {
        return kind >= Kind::equal && kind <= Kind::greater_equal;
    }
};

/// The filter's tree. Throws `unsupported` and `invalid_argument`.
[[nodiscard]] FilterNode parse_filter(DocumentView filter);

/// Every operator that a filter may have, such as "$gt"; README.md explains them.
[[nodiscard]] std::vector<std::string_view> filter_operators();

/// Whether a comparison holds between the value of a document (none: the field is missing) and an
/// operand.
[[nodiscard]] bool compares(FilterNode::Kind comparison, const std::optional<BsonView>& value,
                            BsonView operand);

/// The bit of each type in a set of 32 bits.
[[nodiscard]] constexpr std::uint32_t type_bit(BsonType type) noexcept {
    if (type == BsonType::min_key) return 1u << 31;
    if (type == BsonType::max_key) return 1u << 30;
    return 1u << static_cast<std::uint32_t>(type);
}

}  // namespace amphora::document

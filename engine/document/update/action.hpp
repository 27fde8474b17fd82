#pragma once

#include "document/collection/field_path.hpp"
#include "document/query/filter.hpp"
#include "document/update/mutable_value.hpp"

#include <amphora/document.hpp>

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

namespace amphora::document {

/// How $push puts values into an array.
struct PushModifiers {
    std::optional<std::int64_t> position;
    std::optional<std::int64_t> slice;
    struct Key {
        FieldPath path;  ///< no parts: the element itself
        bool descending = false;
    };
    std::vector<Key> sort;
};

/// One operator on one path. Operands point into the update's text.
struct UpdateAction {
    enum class Operator : std::uint8_t {
        set,
        unset,
        increment,
        multiply,
        minimum,
        maximum,
        rename,  ///< from `source` to `path`
        push,
        add_to_set,
        pull,
        pull_all,
        pop,
        current_date,
        set_on_insert,
    };
    Operator operation = Operator::set;
    FieldPath path;
    BsonView operand;
    FieldPath source;               ///< rename
    std::vector<BsonView> values;   ///< push, add_to_set, pull_all
    PushModifiers modifiers;        ///< push
    std::optional<Filter> pattern;  ///< pull: of elements; none: the elements equal to `operand`
    bool pattern_of_documents = false;  ///< pull: the pattern is about an element's own fields
    bool at_front = false;              ///< pop
    bool timestamp = false;             ///< current_date
};

/// The actions in the order of their paths. Throws `unsupported` and `invalid_argument`.
[[nodiscard]] std::vector<UpdateAction> parse_update(DocumentView update);

/// Every operator that an update may have, such as "$set", then the modifiers of $push, such as
/// "$each". README.md explains them.
[[nodiscard]] std::vector<std::string_view> update_operators();

/// Values that are made on the way live in `made` until the document is written.
void apply_number(const UpdateAction& action, MutableValue& root, std::deque<BsonValue>& made);
void apply_to_array(const UpdateAction& action, MutableValue& root);

}  // namespace amphora::document

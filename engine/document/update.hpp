#pragma once

#include "document/field_path.hpp"

#include <amphora/document.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

/// What becomes of a document, in MongoDB's update language.
///
///   {"$set": {"device.os": "linux"}, "$inc": {"visits": 1}, "$push": {"tags": "new"}}
///
/// Understood are $set $unset $inc $mul $min $max $rename $push (with $each, $position, $slice)
/// $addToSet (with $each) $pull (with a filter for the elements) $pullAll $pop $currentDate and
/// $setOnInsert (which, as nothing is inserted here, does nothing); or a document without
/// operators, which replaces everything but the _id. Paths are dotted; a number is a position in an
/// array. Anything else is `unsupported` with the operator and its place.
namespace amphora::document {

/// An update, parsed once; immutable, shared by threads.
class Update {
  public:
    /// Throws `unsupported`; `invalid_argument` for what MongoDB would refuse whatever the document
    /// (two operators on one path, a change of _id to come, an empty operand).
    explicit Update(DocumentView change);

    /// The document as it is afterwards. Throws `type_mismatch` where the operator does not fit
    /// what the document has ($inc of a text), `value_out_of_range` where a number would overflow,
    /// `invalid_argument` for a change of _id. `now_ms` is what $currentDate gives.
    [[nodiscard]] Document apply(DocumentView document, std::int64_t now_ms) const;

    /// Whether the update says something about the field of that name.
    [[nodiscard]] bool names(std::string_view field) const;
    /// A document that takes the old one's place.
    [[nodiscard]] bool is_replacement() const noexcept { return replacement_; }

    enum class Operator : std::uint8_t {
        set,
        unset,
        increment,
        multiply,
        minimum,
        maximum,
        rename,
        push,
        add_to_set,
        pull,
        pull_all,
        pop,
        current_date,
        set_on_insert,
    };
    struct Action {
        Operator operation;
        FieldPath path;
        BsonView operand;
    };

  private:
    Document text_;  ///< the operands point into it
    std::vector<Action> actions_;
    bool replacement_ = false;
};

}  // namespace amphora::document

#pragma once

#include <amphora/document.hpp>

#include <cstdint>
#include <memory>
#include <string_view>

/// What becomes of a document, in MongoDB's update language.
///
///   {"$set": {"device.os": "linux"}, "$inc": {"visits": 1}, "$push": {"tags": "new"}}
///
/// Understood are $set $unset $inc $mul $min $max $rename $push (with $each, $position, $slice,
/// $sort) $addToSet (with $each) $pull (with a filter for the elements) $pullAll $pop $currentDate
/// and $setOnInsert (which, as nothing is inserted here, does nothing); or a document without
/// operators, which replaces everything but the _id. Paths are dotted; a number is a position in an
/// array. Anything else is `unsupported` with the operator and its place.
///
/// Names as in MongoDB 5: no operator gives the document itself a field whose name begins with $;
/// documents in it may have such fields ("a.$b"). No part of a path is empty or has a NUL in it.
/// $rename touches neither the _id nor elements of arrays; its source must not lead through a value
/// that has no fields, and its target neither, unless there is no source, when nothing happens.
namespace amphora::document {

struct UpdateAction;

/// An update, parsed once; immutable, cheap to copy, shared by threads.
class Update {
  public:
    /// Throws `unsupported`; `invalid_argument` for what MongoDB would refuse whatever the document
    /// (two operators on one path, a name that no field can have, an operand that the operator
    /// cannot take).
    explicit Update(const Document& change);

    /// The same update with that moment in place of each `amphora::now` in it.
    [[nodiscard]] Update at(std::int64_t now_ms) const;

    /// The document as it is afterwards. Throws `type_mismatch` where the operator does not fit
    /// what the document has ($inc of a text, a path through a scalar), `value_out_of_range` where
    /// a number would overflow, `invalid_argument` for a change of the _id, `value_too_large` for
    /// more levels or bytes than a document may have. `now_ms` is what $currentDate and
    /// `amphora::now` give.
    [[nodiscard]] Document apply(DocumentView document, std::int64_t now_ms) const;

    /// Whether the update says something about the field of that name, or inside of it.
    [[nodiscard]] bool names(std::string_view field) const;
    /// A document that takes the old one's place.
    [[nodiscard]] bool is_replacement() const noexcept;

  private:
    struct Parsed;  // operands point into the text beside them
    std::shared_ptr<const Parsed> parsed_;
};

}  // namespace amphora::document

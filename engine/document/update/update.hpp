#pragma once

#include <amphora/document.hpp>

#include <cstdint>
#include <memory>
#include <string_view>

/// Updates of documents, in MongoDB's update language.
///
///   {"$set": {"device.os": "linux"}, "$inc": {"visits": 1}, "$push": {"tags": "new"}}
///
/// Implemented are $set $unset $inc $mul $min $max $rename $push (with $each, $position, $slice,
/// $sort) $addToSet (with $each) $pull (with a filter for the elements) $pullAll $pop $currentDate
/// and $setOnInsert (which has no effect, because nothing is inserted here); or a document without
/// operators, which replaces everything except the _id. Paths are dotted; a number is a position in
/// an array. Anything else throws `unsupported`, with the operator and its place.
///
/// Names are as in MongoDB 5. No operator gives the document itself a field whose name begins with
/// $; documents inside of it may have such fields ("a.$b"). No part of a path is empty or contains
/// a NUL. $rename changes neither the _id nor elements of arrays. Its source must not lead through
/// a value that has no fields. Its target must not either, unless there is no source: then nothing
/// happens.
namespace amphora::document {

struct UpdateAction;

/// An update, parsed once; immutable, cheap to copy, shared by threads.
class Update {
  public:
    /// Throws `unsupported`, and `invalid_argument` for what MongoDB would refuse for every
    /// document: two operators on one path, a name that no field can have, an operand that the
    /// operator cannot take.
    explicit Update(const Document& change);

    /// The same update with this moment in place of each `amphora::now`.
    [[nodiscard]] Update at(std::int64_t now_ms) const;

    /// The changed document. Throws `type_mismatch` where the operator does not fit the document
    /// ($inc of a text, a path through a scalar), `value_out_of_range` where a number would
    /// overflow, `invalid_argument` for a change of the _id, `value_too_large` for more levels or
    /// bytes than a document may have. `now_ms` is the value of $currentDate and of `amphora::now`.
    [[nodiscard]] Document apply(DocumentView document, std::int64_t now_ms) const;

    /// Whether the update changes the field of that name, or something inside of it.
    [[nodiscard]] bool names(std::string_view field) const;
    /// Whether it is a document that replaces the old one.
    [[nodiscard]] bool is_replacement() const noexcept;

  private:
    struct Parsed;  // operands point into the text that it also holds
    std::shared_ptr<const Parsed> parsed_;
};

}  // namespace amphora::document

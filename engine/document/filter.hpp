#pragma once

#include <amphora/document.hpp>

#include <memory>

/// Which documents are meant, in MongoDB's query language.
///
///   {"user_id": 1, "at": {"$gte": {"$date": "2026-01-01T00:00:00Z"}}}
///
/// Understood are: equality (null also means "not there", an array is looked into, a document is
/// compared whole), $eq $ne $gt $gte $lt $lte $in $nin, $and $or $nor $not, $exists $type, $size
/// $all $elemMatch, and $comment, which says nothing. The meaning is MongoDB 8.0's: numbers compare
/// by value across their types, and otherwise a value only compares with values of its own type.
///
/// Anything else is `unsupported` with the operator and its place; an operand that MongoDB would
/// refuse is `invalid_argument`.
namespace amphora::document {

struct FilterNode;

/// A filter, parsed once; immutable, cheap to copy, shared by threads.
class Filter {
  public:
    /// Every document.
    Filter();
    explicit Filter(DocumentView filter);

    [[nodiscard]] bool matches(DocumentView document) const;

    /// Every document matches.
    [[nodiscard]] bool is_empty() const noexcept;
    /// As it was written.
    [[nodiscard]] DocumentView text() const noexcept;
    /// What the planner looks at.
    [[nodiscard]] const FilterNode& root() const noexcept;

  private:
    struct Parsed;  // operands point into the text beside them
    std::shared_ptr<const Parsed> parsed_;
};

}  // namespace amphora::document

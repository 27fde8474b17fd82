#pragma once

#include <amphora/document.hpp>

#include <memory>

/// Filters: which documents are selected, in MongoDB's query language.
///
///   {"user_id": 1, "at": {"$gte": {"$date": "2026-01-01T00:00:00Z"}}}
///
/// Implemented are: equality (null also selects documents without the field, an array is searched,
/// a document is compared whole), $eq $ne $gt $gte $lt $lte $in $nin, $and $or $nor $not, $exists
/// $type, $size $all $elemMatch, and $comment, which has no effect. The meaning is MongoDB 8.0's:
/// numbers compare by value across their types; otherwise a value compares only with values of its
/// own type.
///
/// Anything else throws `unsupported`, with the operator and its place. An operand that MongoDB
/// would refuse throws `invalid_argument`.
namespace amphora::document {

struct FilterNode;

/// A filter, parsed once; immutable, cheap to copy, shared by threads.
class Filter {
  public:
    /// Selects every document.
    Filter();
    explicit Filter(DocumentView filter);

    [[nodiscard]] bool matches(DocumentView document) const;

    /// Whether it selects every document.
    [[nodiscard]] bool is_empty() const noexcept;
    /// The filter as it was given.
    [[nodiscard]] DocumentView text() const noexcept;
    /// The parsed filter, for the planner.
    [[nodiscard]] const FilterNode& root() const noexcept;

  private:
    struct Parsed;  // operands point into the text that it also holds
    std::shared_ptr<const Parsed> parsed_;
};

}  // namespace amphora::document

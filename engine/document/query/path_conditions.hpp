#pragma once

#include "document/collection/field_path.hpp"
#include "document/query/filter_node.hpp"

#include <cstdint>
#include <list>
#include <span>
#include <vector>

/// The conditions of a filter that bound a document's index entries, each with its whole path:
///
///   {"a": 5, "b": {"$gt": 1}}                    a = 5; b > 1
///   {"weak": {"$elemMatch": {"topic": "sql"}}}   weak.topic = "sql"
///   {"scores": {"$elemMatch": {"$gt": 5, "$lt": 9}}}
///                                                scores > 5, scores < 9, of one element
///   {"$or": [{"a": 1}, {"a": 2}]}                one of (a = 1), (a = 2)
///
/// A document that the filter selects fulfils all of them. The reverse is not true: the filter must
/// still be applied.
namespace amphora::document {

struct PathCondition {
    const FilterNode* node;  ///< a comparison, $in, or any_of
    const FieldPath* path;   ///< of comparisons and $in; of any_of: the beginning of its paths
    /// Conditions with the same number, not 0, are about one value: an element of an array.
    std::uint32_t element = 0;
};

class PathConditions {
  public:
    explicit PathConditions(const std::vector<FilterNode>& nodes);
    /// The conditions of one branch of an any_of.
    PathConditions(const FilterNode& branch, const PathCondition& any_of);
    PathConditions(const PathConditions&) = delete;
    PathConditions& operator=(const PathConditions&) = delete;

    [[nodiscard]] std::span<const PathCondition> all() const noexcept { return all_; }

  private:
    void add(const FilterNode& node, const FieldPath& before);
    void add_comparison(const FilterNode& node, const FieldPath& before);
    void add_elements(const FilterNode& node, const FieldPath& before);
    const FieldPath& joined(const FieldPath& before, const FieldPath& path);

    std::list<FieldPath> paths_;  ///< paths that `joined` made; their addresses do not change
    std::vector<PathCondition> all_;
    std::uint32_t elements_ = 0;
};

}  // namespace amphora::document

#include "document/query/path_conditions.hpp"

namespace amphora::document {

namespace {

using Kind = FilterNode::Kind;

const FieldPath nowhere;

}  // namespace

PathConditions::PathConditions(const std::vector<FilterNode>& nodes) {
    for (const FilterNode& node : nodes) add(node, nowhere);
}

PathConditions::PathConditions(const FilterNode& branch, const PathCondition& any_of) {
    add(branch, *any_of.path);
}

void PathConditions::add(const FilterNode& node, const FieldPath& before) {
    switch (node.kind) {
        case Kind::all_of:
            for (const FilterNode& child : node.children) add(child, before);
            return;
        case Kind::any_of:
            if (node.children.size() == 1) return add(node.children.front(), before);
            all_.push_back({&node, &before});
            return;
        case Kind::equal:
        case Kind::less:
        case Kind::less_equal:
        case Kind::greater:
        case Kind::greater_equal:
        case Kind::in:
            add_comparison(node, before);
            return;
        case Kind::element_value:
        case Kind::element_fields:
            add_elements(node, before);
            return;
        default:
            return;  // does not bound the entries
    }
}

void PathConditions::add_comparison(const FilterNode& node, const FieldPath& before) {
    const FieldPath& path = joined(before, node.path);
    // If the element is itself an array, a position names one of its elements, which has no entry.
    if (before.size() != 0 && path.has_position()) return;
    all_.push_back({&node, &path});
}

void PathConditions::add_elements(const FilterNode& node, const FieldPath& before) {
    const FieldPath& path = joined(before, node.path);
    if (path.has_position()) return;
    if (node.kind == Kind::element_fields) {
        for (const FilterNode& child : node.children) add(child, path);
        return;
    }
    const std::uint32_t element = ++elements_;
    for (const FilterNode& operators : node.children) {
        for (const FilterNode& one : operators.children) {
            if (one.is_comparison() || one.kind == Kind::in) all_.push_back({&one, &path, element});
        }
    }
}

const FieldPath& PathConditions::joined(const FieldPath& before, const FieldPath& path) {
    if (before.size() == 0) return path;
    return paths_.emplace_back(before.dotted() + "." + path.dotted());
}

}  // namespace amphora::document

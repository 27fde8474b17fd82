#pragma once

#include "document/collection/field_path.hpp"

#include <amphora/document.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

/// The values to which a path leads in a document, for MongoDB's filters.
///
///   document {"a": [{"b": 1}, {"c": 2}, 3], "d": [4, 5]}
///   "a.b"  →  1, nothing (the second element has no b)
///   "d"    →  4, 5, [4, 5]        arrays spread
///   "d"    →  [4, 5]              arrays whole
///   "d.1"  →  5
///   "d.x"  →  (no visit: no element is a document)
///   "x.y"  →  nothing
namespace amphora::document {

/// How an array at the end of the path is visited.
enum class LeafArrays : std::uint8_t {
    spread,  ///< its elements are visited, then the array itself
    whole,   ///< only the array itself
};

template <class Visit>
bool walk_array(const FieldPath& path, std::size_t place, DocumentView array, BsonView whole,
                LeafArrays leaves, Visit& visit);

/// Calls `visit(std::optional<BsonView>)` for each value until it returns true; returns whether it
/// did. No value means that the field is missing.
template <class Visit>
bool walk_document(const FieldPath& path, std::size_t place, DocumentView document,
                   LeafArrays leaves, Visit& visit) {
    for (;; ++place) {
        const std::optional<BsonView> value = document.field(path.part(place));
        if (!value) return visit(std::optional<BsonView>{});
        if (value->is_array()) {
            return walk_array(path, place + 1, *value->as_array(), *value, leaves, visit);
        }
        if (place + 1 == path.size()) return visit(value);
        // The path has further parts, but the value has no fields.
        if (!value->is_document()) return visit(std::optional<BsonView>{});
        document = *value->as_document();
    }
}

template <class Visit>
bool walk_array(const FieldPath& path, std::size_t place, DocumentView array, BsonView whole,
                LeafArrays leaves, Visit& visit) {
    if (place == path.size()) {
        if (leaves == LeafArrays::spread) {
            for (const Element& element : array) {
                if (visit(std::optional<BsonView>{element.value})) return true;
            }
        }
        return visit(std::optional<BsonView>{whole});
    }
    const std::optional<std::size_t> wanted = path.position(place);
    std::size_t position = 0;
    for (const Element& element : array) {
        const bool here = wanted == position++;
        if (element.value.is_document()) {
            const DocumentView inner = *element.value.as_document();
            if (walk_document(path, place, inner, leaves, visit)) return true;
            if (here && place + 1 < path.size() &&
                walk_document(path, place + 1, inner, leaves, visit)) {
                return true;
            }
        }
        if (!here) continue;
        // The value at the position counts as one value, also if it is an array.
        if (place + 1 == path.size()) {
            if (visit(std::optional<BsonView>{element.value})) return true;
        } else if (element.value.is_array() &&
                   walk_array(path, place + 1, *element.value.as_array(), element.value, leaves,
                              visit)) {
            return true;
        }
    }
    return false;
}

template <class Visit>
bool walk(const FieldPath& path, DocumentView document, LeafArrays leaves, Visit&& visit) {
    return walk_document(path, 0, document, leaves, visit);
}

}  // namespace amphora::document

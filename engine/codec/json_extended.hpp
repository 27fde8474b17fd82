#pragma once

#include <amphora/document.hpp>

#include <optional>
#include <string>
#include <string_view>

/// The objects of Extended JSON that stand for a value of a type that JSON does not have.
///   https://github.com/mongodb/specifications/blob/master/source/extended-json.md
namespace amphora::codec {

/// Marks a document that is spelled as the list of its fields.
inline constexpr std::string_view escape_name = "$document";

/// What an object turned out to be: a typed value, or one spelled wrongly, or (neither) an object
/// like any other.
struct ExtendedJson {
    std::optional<BsonValue> value;
    std::string fault;
};

/// `object` has a name that begins with "$". Version 2 in both formats, and version 1's dates
/// ({"$date": 1393804800000}) and binaries ({"$binary": "…", "$type": "00"}). An object with one of
/// the names that mark a type must be spelled as that type, or it is a fault; names that are
/// operators of the query language ($regex, $options, $type, $ref, $id) mark none.
///
/// The specification has no spelling for a document that has such names itself. Here it is
///   {"$document": [["$date", "a text"], ["n", 1]]}
/// with its fields in their order. The same spelling serves documents in which a name occurs twice.
[[nodiscard]] ExtendedJson read_extended_json(DocumentView object);

/// Whether the document, spelled as an object, would be read as something else or not at all.
[[nodiscard]] bool needs_escape(DocumentView document);

}  // namespace amphora::codec

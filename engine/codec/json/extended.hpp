#pragma once

#include <amphora/document.hpp>

#include <optional>
#include <string>
#include <string_view>

/// The objects in Extended JSON that mean a value of a type that JSON does not have.
///   https://github.com/mongodb/specifications/blob/master/source/extended-json.md
namespace amphora::codec {

/// Marks a document that is written as the list of its fields.
inline constexpr std::string_view escape_name = "$document";

/// What an object is: a typed value, a wrong typed value, or (neither is set) an ordinary object.
struct ExtendedJson {
    std::optional<BsonValue> value;
    std::string fault;
};

/// `object` has a name that begins with "$". Reads version 2 in both formats, and version 1's dates
/// ({"$date": 1393804800000}) and binaries ({"$binary": "…", "$type": "00"}). An object with a name
/// that marks a type must be a valid value of that type; otherwise it is a fault. Names that are
/// operators of the query language ($regex, $options, $type, $ref, $id) mark no type.
///
/// The specification cannot express a document that really has such names. Here it is
///   {"$document": [["$date", "a text"], ["n", 1]]}
/// with its fields in their order. The same form is used for documents in which a name occurs
/// twice.
[[nodiscard]] ExtendedJson read_extended_json(DocumentView object);

/// Whether `from_json` would not read the document back, if it were written as an ordinary object.
[[nodiscard]] bool needs_escape(DocumentView document);

}  // namespace amphora::codec

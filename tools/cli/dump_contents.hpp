#pragma once

#include "cli/space_text.hpp"

#include <amphora/document.hpp>

#include <string>
#include <string_view>
#include <vector>

/// The contents of a dump: the file dump.json in its directory.
///
///   {"amphora_dump": 1, "schema": "schema.sql", "files": [
///     {"name": "users", "kind": "table", "file": "users.csv", "entries": 2, "bytes": 71,
///      "checksum": "60e1f0c51b0b9fa4"},
///     {"name": "logs", "kind": "collection", "file": "logs.jsonl", ...}]}
///
/// The files are in the order in which they are loaded: a table comes after the tables that it
/// refers to, and collections come last. Equal contents give an equal dump.json.
namespace amphora::cli {

struct DumpedFile {
    std::string name;  ///< of the table or collection
    bool is_collection = false;
    std::string file;  ///< in the directory
    SpaceText text;
};

struct DumpContents {
    static constexpr std::string_view name = "dump.json";
    static constexpr std::string_view schema = "schema.sql";
    static constexpr std::int64_t format = 1;

    std::vector<DumpedFile> files;
};

[[nodiscard]] std::string to_text(const DumpContents& contents);

/// Throws `invalid_argument` if the directory holds no dump.json, `newer_format`, `corrupt` if that
/// file is damaged.
[[nodiscard]] DumpContents read_dump_contents(const std::string& directory);

}  // namespace amphora::cli

#pragma once

#include "base/bytes.hpp"

#include <amphora/feed_json.hpp>
#include <amphora/statistics.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace amphora::detail {

/// Whose changes are written: a database or an archive.
struct FormSource {
    std::string path;
    std::string database;  ///< its uuid
    std::vector<SpaceReport> spaces;

    explicit FormSource(const Database& source);
    explicit FormSource(const Archive& source);
};

/// Writes the parts of a change as JSON, as all forms have them. Immutable; any thread.
class ChangeJson {
  public:
    /// Throws `no_such_table`, `no_such_column`, `invalid_argument` for a column that cannot be
    /// masked.
    ChangeJson(const FormSource& from, const std::vector<MaskedColumn>& masked);

    /// An object of the primary key, or the _id. The same text for each change of a row or
    /// document.
    void append_key(Buffer& json, const Change& change) const;
    /// The values of the key one by one: texts as they are, other values as in JSON.
    [[nodiscard]] std::vector<std::string> key_values(const Change& change) const;

    [[nodiscard]] static bool has_before(const Change& change);
    /// The state before or after; null if there is none.
    void append_before(Buffer& json, const Change& change) const;
    void append_after(Buffer& json, const Change& change) const;

  private:
    using Path = std::vector<std::string>;
    struct Source {
        bool is_collection = false;
        std::vector<std::string> floats;  ///< columns whose type is FLOAT
        std::vector<std::string> masked;  ///< columns of a table
        std::vector<Path> paths;          ///< masked fields of a collection
    };

    void mask(const FormSource& from, const MaskedColumn& column);
    [[nodiscard]] const Source* find(std::string_view name) const;
    static void append_row(Buffer& json, const RowView* row, const Source* source);
    static void append_document(Buffer& json, const OptionalDocument& document,
                                const Source* source);

    std::unordered_map<std::uint64_t, Source> sources_;  ///< by the hash of the name
};

/// "2026-01-31T12:34:56.789012Z" (RFC 3339), always with microseconds.
[[nodiscard]] std::string rfc3339(DateTime moment);

/// Whether a change of the schema is of a collection; else it is of a table.
[[nodiscard]] bool is_of_collection(const Change& schema_change);

}  // namespace amphora::detail

#pragma once

#include <amphora/database.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

/// Files into a database: CSV into tables, JSON Lines or one JSON array into collections.
///
/// A line that is refused is counted and named with its number, and takes no other with it: each
/// line is a statement of its own within the transaction of its batch. What cannot be blamed on a
/// line (a full disk, a failing journal) is thrown; batches before it are committed.
namespace amphora::loading {

struct Rejection {
    std::uint64_t line =
        0;  ///< in the file, from 1; of an array: the line on which the document begins
    std::string reason;
};

struct LoadOptions {
    std::uint64_t batch_lines = 1000;     ///< of one transaction
    std::uint64_t rejections_max = 1000;  ///< kept in the report; all are counted
    /// Bytes read so far, and lines read so far.
    std::function<void(std::uint64_t bytes, std::uint64_t lines)> progress;
};

struct LoadReport {
    std::uint64_t loaded = 0;
    std::uint64_t rejected = 0;
    std::uint64_t bytes = 0;
    std::vector<Rejection> rejections;
};

/// The header line names the columns, in any order; columns that it does not name take their
/// DEFAULT. An empty field without quotes is NULL. Throws `malformed_csv` if there is no header,
/// `no_such_column`, `io_error` for a file that cannot be read.
LoadReport load_csv(Database& database, const Table& table, const std::string& path,
                    const LoadOptions& options);

/// Extended JSON, one document a line or one array of documents.
LoadReport load_json(Database& database, const Collection& collection, const std::string& path,
                     const LoadOptions& options);

}  // namespace amphora::loading

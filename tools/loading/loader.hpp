#pragma once

#include "loading/rejections.hpp"

#include <amphora/database.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

/// Loads files into a database: CSV into tables, JSON documents into collections.
///
/// A line that is refused is counted and reported with its number, and does not affect other lines:
/// each line is a statement of its own in the transaction of its batch. An error that is not caused
/// by a line (a full disk, a failing journal) is thrown; the batches before it are committed.
namespace amphora::loading {

struct LoadOptions {
    std::uint64_t batch_lines = 1000;     ///< of one transaction
    std::uint64_t rejections_max = 1000;  ///< that are kept, the first by line; all are counted
    /// Memory for rows that wait for a later row of the file. A row that does not fit is rejected.
    std::uint64_t waiting_bytes_max = std::uint64_t{256} << 20;
    /// How JSON is read.
    JsonOptions json{};
    /// Bytes read so far, and lines read so far.
    std::function<void(std::uint64_t bytes, std::uint64_t lines)> progress{};
};

struct LoadReport {
    std::uint64_t loaded = 0;
    std::uint64_t rejected = 0;
    std::uint64_t bytes = 0;
    std::vector<Rejection> rejections;
};

/// The header line names the columns, in any order. Columns that it does not name take their
/// DEFAULT. An empty field without quotes is NULL. Throws `malformed_csv` if there is no header,
/// `no_such_column`, and `io_error` for a file that cannot be read.
///
/// A row may refer to a later row of the file: it then waits for that row. Rows that refer to each
/// other in a circle are inserted in one statement at the end of the file. A row whose parent is
/// still missing then is rejected, with an error that names the parent.
LoadReport load_csv(Database& database, const Table& table, const std::string& path,
                    const LoadOptions& options);

/// Extended JSON: one array of documents, or documents one after another.
LoadReport load_json(Database& database, const Collection& collection, const std::string& path,
                     const LoadOptions& options);

}  // namespace amphora::loading

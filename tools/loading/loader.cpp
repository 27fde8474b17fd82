#include "loading/loader.hpp"

#include "codec/csv.hpp"
#include "loading/input_file.hpp"
#include "loading/json_file.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace amphora::loading {

namespace {

/// Whether an error is about the line, so that the others can go on.
bool is_about_the_line(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid_argument:
        case ErrorCode::type_mismatch:
        case ErrorCode::value_out_of_range:
        case ErrorCode::value_too_large:
        case ErrorCode::invalid_utf8:
        case ErrorCode::malformed_json:
        case ErrorCode::malformed_bson:
        case ErrorCode::malformed_csv:
        case ErrorCode::duplicate_key:
        case ErrorCode::not_null_violation:
        case ErrorCode::check_violation:
        case ErrorCode::foreign_key_violation:
            return true;
        default:
            return false;
    }
}

void reject(LoadReport& report, const LoadOptions& options, std::uint64_t line,
            std::string reason) {
    ++report.rejected;
    if (report.rejections.size() < options.rejections_max) {
        report.rejections.push_back({line, std::move(reason)});
    }
}

/// What one batch came to; added to the report once it is committed.
struct BatchResult {
    std::uint64_t loaded = 0;
    std::vector<Rejection> rejections;
};

/// Runs `insert(transaction, entry)` for each entry, in one transaction; an entry is {line,
/// content}.
template <class Entry, class Insert>
void write_batch(Database& database, std::vector<Entry>& batch, LoadReport& report,
                 const LoadOptions& options, Insert insert) {
    if (batch.empty()) return;
    BatchResult result;
    database.write([&](Transaction& tx) {
        for (Entry& entry : batch) {
            try {
                insert(tx, entry);
                ++result.loaded;
            } catch (const Error& error) {
                if (!is_about_the_line(error.code())) throw;
                result.rejections.push_back({entry.line, error.what()});
            }
        }
    });
    report.loaded += result.loaded;
    for (Rejection& rejection : result.rejections) {
        reject(report, options, rejection.line, std::move(rejection.reason));
    }
    batch.clear();
}

struct Row {
    std::uint64_t line = 0;
    std::vector<std::optional<std::string>> fields;
};

struct NumberedDocument {
    std::uint64_t line = 0;
    Document document;
};

SpaceReport require_table(const Database& database, const Table& table) {
    for (SpaceReport& space : database.describe()) {
        if (!space.is_collection && detail::hash_name(space.name) == table.hash) {
            return std::move(space);
        }
    }
    throw Error{ErrorCode::no_such_table, fmt::format("there is no table {}", table.name)};
}

/// The place in the table of each field of the header.
std::vector<std::size_t> places_of(const SpaceReport& table, const codec::CsvLine& header,
                                   const std::string& path) {
    std::vector<std::size_t> places;
    for (const codec::CsvField& field : header.fields) {
        const auto at = std::find_if(
            table.columns.begin(), table.columns.end(), [&](const ColumnReport& column) {
                return detail::hash_name(column.name) == detail::hash_name(field.text);
            });
        if (at == table.columns.end()) {
            throw Error{ErrorCode::no_such_column,
                        fmt::format("{}: the header names {}, which table {} does not have", path,
                                    field.text, table.name)};
        }
        const auto place = static_cast<std::size_t>(at - table.columns.begin());
        if (std::find(places.begin(), places.end(), place) != places.end()) {
            throw Error{ErrorCode::malformed_csv,
                        fmt::format("{}: the header names {} twice", path, field.text)};
        }
        places.push_back(place);
    }
    return places;
}

/// The next line with as many fields as the header; bad ones on the way are rejected. False: the
/// end.
bool read_row(codec::CsvReader& reader, std::size_t fields, Row& row, LoadReport& report,
              const LoadOptions& options) {
    codec::CsvLine line;
    for (;;) {
        try {
            if (!reader.read(line)) return false;
        } catch (const Error& error) {
            if (error.code() != ErrorCode::malformed_csv) throw;
            reject(report, options, line.number, error.what());
            continue;
        }
        if (line.is_blank() && fields != 1) continue;
        if (line.fields.size() != fields) {
            reject(report, options, line.number,
                   fmt::format("has {} fields, the header {}", line.fields.size(), fields));
            continue;
        }
        row.line = line.number;
        row.fields.clear();
        for (const codec::CsvField& field : line.fields) {
            row.fields.emplace_back(field.is_null() ? std::nullopt
                                                    : std::optional<std::string>{field.text});
        }
        return true;
    }
}

}  // namespace

LoadReport load_csv(Database& database, const Table& table, const std::string& path,
                    const LoadOptions& options) {
    const SpaceReport space = require_table(database, table);
    InputFile file{path};
    codec::CsvReader reader{[&](char* to, std::size_t bytes) { return file.read(to, bytes); }};
    codec::CsvLine header;
    if (!reader.read(header)) {
        throw Error{ErrorCode::malformed_csv,
                    fmt::format("{} is empty; its first line must name the columns", path)};
    }
    const std::vector<std::size_t> places = places_of(space, header, path);

    LoadReport report;
    std::vector<Row> batch;
    std::uint64_t lines = 0;
    const auto write = [&] {
        write_batch(database, batch, report, options, [&](Transaction& tx, const Row& row) {
            std::vector<Cell> cells(space.columns.size());
            for (std::size_t field = 0; field < places.size(); ++field) {
                cells[places[field]] = row.fields[field]
                                           ? Cell::of(std::string_view{*row.fields[field]})
                                           : Cell::null();
            }
            RowView stored;
            tx.insert_row(table, cells, stored);
        });
        if (options.progress) options.progress(reader.bytes_read(), lines);
    };
    for (Row row; read_row(reader, places.size(), row, report, options);) {
        ++lines;
        batch.push_back(std::move(row));
        if (batch.size() >= options.batch_lines) write();
    }
    write();
    report.bytes = reader.bytes_read();
    return report;
}

LoadReport load_json(Database& database, const Collection& collection, const std::string& path,
                     const LoadOptions& options) {
    JsonFile file{path};
    LoadReport report;
    std::vector<NumberedDocument> batch;
    std::uint64_t lines = 0;
    const auto write = [&] {
        write_batch(database, batch, report, options,
                    [&](Transaction& tx, const NumberedDocument& entry) {
                        tx.insert(collection, entry.document);
                    });
        if (options.progress) options.progress(file.bytes_read(), lines);
    };
    while (auto document = file.next()) {
        ++lines;
        batch.push_back({file.line(), std::move(*document)});
        if (batch.size() >= options.batch_lines) write();
    }
    write();
    for (const Rejection& rejection : file.rejections()) {
        reject(report, options, rejection.line, rejection.reason);
    }
    std::sort(report.rejections.begin(), report.rejections.end(),
              [](const Rejection& left, const Rejection& right) { return left.line < right.line; });
    report.bytes = file.bytes_read();
    return report;
}

}  // namespace amphora::loading

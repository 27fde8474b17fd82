#include "loading/csv_rows.hpp"

#include "base/name_list.hpp"

#include <amphora/error.hpp>
#include <amphora/schema.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace amphora::loading {

std::uint64_t CsvRow::bytes_in_memory() const noexcept {
    std::uint64_t bytes = sizeof *this + fields.capacity() * sizeof fields.front();
    for (const std::optional<std::string>& field : fields) {
        if (field) bytes += field->capacity();
    }
    return bytes;
}

CsvRows::CsvRows(const std::string& path, const SpaceReport& table, Rejections& rejections)
    : rejections_{rejections},
      file_{path},
      reader_{[this](char* to, std::size_t bytes) { return file_.read(to, bytes); }},
      columns_{table.columns.size()} {
    read_header(path, table);
}

void CsvRows::read_header(const std::string& path, const SpaceReport& table) {
    try {
        if (!reader_.read(line_)) {
            throw Error{ErrorCode::malformed_csv, "is empty; its first line must name the columns"};
        }
    } catch (const Error& error) {
        if (error.code() != ErrorCode::malformed_csv) throw;
        throw Error{error.code(), fmt::format("{}:1: {}", path, error.what())};
    }
    for (const codec::CsvField& field : line_.fields) {
        const auto at = std::find_if(
            table.columns.begin(), table.columns.end(), [&](const ColumnReport& column) {
                return detail::hash_name(column.name) == detail::hash_name(field.text);
            });
        if (at == table.columns.end()) {
            throw Error{
                ErrorCode::no_such_column,
                fmt::format("{}: the header names {}; table {} has {}", path, field.text,
                            table.name, NameList{table.columns, &ColumnReport::name}.text())};
        }
        const auto place = static_cast<std::size_t>(at - table.columns.begin());
        if (std::find(places_.begin(), places_.end(), place) != places_.end()) {
            throw Error{ErrorCode::malformed_csv,
                        fmt::format("{}: the header names {} twice", path, field.text)};
        }
        places_.push_back(place);
    }
}

bool CsvRows::read(CsvRow& row) {
    while (true) {
        try {
            if (!reader_.read(line_)) return false;
        } catch (const Error& error) {
            if (error.code() != ErrorCode::malformed_csv) throw;
            rejections_.add(line_.number, error.what());
            continue;
        }
        if (line_.is_blank() && places_.size() != 1) continue;
        if (line_.fields.size() != places_.size()) {
            rejections_.add(line_.number, fmt::format("has {} fields, the header {}",
                                                      line_.fields.size(), places_.size()));
            continue;
        }
        row.line = line_.number;
        row.fields.clear();
        for (const codec::CsvField& field : line_.fields) {
            row.fields.emplace_back(field.is_null() ? std::nullopt
                                                    : std::optional<std::string>{field.text});
        }
        return true;
    }
}

std::vector<Cell> CsvRows::cells(const CsvRow& row) const {
    std::vector<Cell> cells(columns_);
    for (std::size_t field = 0; field < places_.size(); ++field) {
        cells[places_[field]] =
            row.fields[field] ? Cell::of(std::string_view{*row.fields[field]}) : Cell::null();
    }
    return cells;
}

}  // namespace amphora::loading

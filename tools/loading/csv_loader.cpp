#include "base/assert.hpp"
#include "catalog/language/parser.hpp"
#include "loading/csv_rows.hpp"
#include "loading/line_error.hpp"
#include "loading/loader.hpp"
#include "loading/self_references.hpp"
#include "loading/waiting_rows.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <utility>

namespace amphora::loading {

namespace {

SpaceReport require_table(const Database& database, const Table& table) {
    for (SpaceReport& space : database.describe(Spaces::all)) {
        if (!space.is_collection && detail::hash_name(space.name) == table.hash) {
            return std::move(space);
        }
    }
    throw Error{ErrorCode::no_such_table, fmt::format("there is no table {}", table.name)};
}

class CsvLoader {
  public:
    CsvLoader(Database& database, const Table& table, const std::string& path,
              const LoadOptions& options)
        : database_{database},
          table_{table},
          options_{options},
          rejections_{options.rejections_max},
          rows_{path, require_table(database, table), rejections_},
          schema_{catalog::parse_schema(database.schema_text(Spaces::all), "the database's schema",
                                        catalog::SystemNames::allowed)},
          references_{*schema_.find_table(table.name)},
          waiting_{options.waiting_bytes_max} {}

    LoadReport run() {
        for (std::vector<CsvRow> batch = next_batch(); !batch.empty(); batch = next_batch()) {
            database_.write([&](Transaction& tx) {
                for (CsvRow& row : batch) insert(tx, row, AtEnd::no);
            });
            if (options_.progress) options_.progress(rows_.bytes_read(), lines_);
        }
        settle(waiting_.release_all());
        return {.loaded = loaded_,
                .rejected = rejections_.count(),
                .bytes = rows_.bytes_read(),
                .rejections = rejections_.kept()};
    }

  private:
    /// Whether all rows of the file were tried, so that a row need not wait any more.
    enum class AtEnd : std::uint8_t { no, yes };

    /// First rows whose parent has come, then rows of the file; none at the end of both.
    std::vector<CsvRow> next_batch() {
        std::vector<CsvRow> batch;
        while (batch.size() < options_.batch_lines) {
            if (!ready_.empty()) {
                batch.push_back(std::move(ready_.front()));
                ready_.pop_front();
                continue;
            }
            CsvRow row;
            if (!rows_.read(row)) break;
            ++lines_;
            batch.push_back(std::move(row));
        }
        return batch;
    }

    void insert(Transaction& tx, CsvRow& row, AtEnd at_end) {
        const std::vector<Cell> cells = rows_.cells(row);
        try {
            RowView stored;
            tx.insert_row(table_, cells, stored);
            ++loaded_;
            if (references_.any()) release(references_.key_of(stored));
        } catch (const Error& error) {
            if (!is_about_the_line(error.code())) throw;
            if (error.code() != ErrorCode::foreign_key_violation || at_end == AtEnd::yes) {
                rejections_.add(row.line, error.what());
            } else {
                wait(tx, row, cells, error);
            }
        }
    }

    void release(const Buffer& key) {
        for (CsvRow& row : waiting_.release(key)) ready_.push_back(std::move(row));
    }

    void wait(const Transaction& tx, CsvRow& row, const std::vector<Cell>& cells,
              const Error& error) {
        const std::vector<Buffer> missing = references_.missing_parents(tx, cells);
        const std::uint64_t line = row.line;
        if (missing.empty()) {
            rejections_.add(line, error.what());
        } else if (!waiting_.add(missing.front(), row)) {
            rejections_.add(
                line, fmt::format("{}; {} MiB of rows wait for later rows already: put parents "
                                  "before their children, or allow more memory with --waiting",
                                  error.what(), options_.waiting_bytes_max >> 20));
        }
    }

    /// Loads rows that waited for a row that never came by itself: rows in circles, and rows
    /// without a parent.
    void settle(std::vector<CsvRow> rows) {
        if (rows.empty()) return;
        const auto groups = group_by_circle(find_parents(rows));
        for (auto group = groups.begin(); group != groups.end();) {
            database_.write([&](Transaction& tx) {
                for (std::uint64_t lines = 0; group != groups.end() && lines < options_.batch_lines;
                     ++group) {
                    insert_group(tx, rows, *group);
                    lines += group->size();
                }
            });
        }
    }

    /// For each row, the positions of its parents among these rows.
    std::vector<std::vector<std::size_t>> find_parents(const std::vector<CsvRow>& rows) const {
        std::unordered_map<Buffer, std::size_t> places;
        for (std::size_t place = 0; place < rows.size(); ++place) {
            if (auto key = references_.key_of(rows_.cells(rows[place]))) {
                places.emplace(std::move(*key), place);
            }
        }
        const Snapshot now = database_.snapshot();
        std::vector<std::vector<std::size_t>> parents(rows.size());
        for (std::size_t place = 0; place < rows.size(); ++place) {
            for (const Buffer& key : references_.missing_parents(now, rows_.cells(rows[place]))) {
                const auto parent = places.find(key);
                if (parent != places.end()) parents[place].push_back(parent->second);
            }
        }
        return parents;
    }

    void insert_group(Transaction& tx, std::vector<CsvRow>& rows,
                      const std::vector<std::size_t>& group) {
        if (group.size() == 1) {
            insert(tx, rows[group.front()], AtEnd::yes);
            return;
        }
        std::vector<std::vector<Cell>> cells;
        for (const std::size_t place : group) cells.push_back(rows_.cells(rows[place]));
        try {
            tx.insert_rows(table_, cells);
            loaded_ += group.size();
        } catch (const Error& error) {
            if (!is_about_the_line(error.code())) throw;
            for (const std::size_t place : group) {
                rejections_.add(rows[place].line,
                                fmt::format("one of {} rows that refer to each other and are "
                                            "loaded together or not at all: {}",
                                            group.size(), error.what()));
            }
        }
    }

    Database& database_;
    const Table& table_;
    const LoadOptions& options_;
    Rejections rejections_;
    CsvRows rows_;
    catalog::Definition schema_;
    SelfReferences references_;
    WaitingRows waiting_;
    std::deque<CsvRow> ready_;
    std::uint64_t loaded_ = 0;
    std::uint64_t lines_ = 0;
};

}  // namespace

LoadReport load_csv(Database& database, const Table& table, const std::string& path,
                    const LoadOptions& options) {
    AMPHORA_ASSERT(options.batch_lines > 0);
    return CsvLoader{database, table, path, options}.run();
}

}  // namespace amphora::loading

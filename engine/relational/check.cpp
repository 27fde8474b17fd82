#include "relational/check.hpp"

#include "base/system_error.hpp"
#include "catalog/definition/check.hpp"
#include "codec/key/ordered_key.hpp"
#include "codec/key/writer.hpp"
#include "relational/constraint/constraints.hpp"
#include "relational/row/cells.hpp"
#include "relational/row/index_entry.hpp"
#include "relational/row/row_key.hpp"
#include "relational/table/counter.hpp"
#include "relational/value/comparison.hpp"
#include "relational/value/conversion.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace amphora::relational {
namespace {

/// The check of one table.
class TableCheck {
  public:
    TableCheck(const transaction::Reading& reading, const BoundTable& table,
               const std::function<void(std::string)>& report, CheckSummary& summary)
        : reading_{reading}, table_{table}, report_{report}, summary_{summary} {}

    void run() {
        each_entry(table_.definition().space, [&](Bytes key, Bytes value) { row(key, value); });
        for (const BoundIndex& index : table_.indexes()) {
            each_entry(index.space,
                       [&](Bytes key, Bytes value) { index_entry(index, key, value); });
        }
        counter();
    }

    void run_row(Bytes key, Bytes value) {
        tell(key, [&] { static_cast<void>(by_itself(key, Row{table_, value})); });
    }

  private:
    template <class Visit>
    void each_entry(SpaceId space, Visit visit) {
        const codec::KeyWriter all{space};
        const auto cursor =
            reading_.cursor(TreeId::relational, all.bytes(), codec::prefix_end(all.bytes()));
        for (cursor->seek_first(); cursor->valid(); cursor->next()) {
            visit(cursor->key(), cursor->value());
        }
    }

    void found(Bytes key, std::string_view what) {
        ++summary_.findings;
        report_(fmt::format("table {}, {}: {}", table_.name(), codec::describe_key(key), what));
    }
    // An error about the row's contents becomes a finding; an error of reading is thrown.
    template <class Body>
    void tell(Bytes key, Body body) {
        try {
            body();
        } catch (const Error& error) {
            if (error.code() == ErrorCode::snapshot_expired || is_of_the_system(error.code())) {
                throw;
            }
            found(key, error.what());
        }
    }

    void row(Bytes key, Bytes value) {
        ++summary_.rows;
        tell(key, [&] {
            const Row row{table_, value};
            if (const auto own = by_itself(key, row)) entries_of(key, row, *own);
            const auto place = table_.numbered_column();
            if (!place) return;
            if (const Cell number = row.cell(*place); !number.is_null()) {
                highest_ = std::max(highest_, number.integer());
            }
        });
    }

    // Each constraint by itself, so that one broken constraint does not hide the next. Returns the
    // row's own key, if the row is stored under it.
    std::optional<RowKey> by_itself(Bytes key, const Row& row) {
        RowCells cells{table_.column_count()};
        for (std::uint32_t place = 0; place < cells.size(); ++place) cells[place] = row.cell(place);
        types(key, cells.all());
        tell(key, [&] { require_valid(table_, cells.all()); });
        const PickedCells primary{row, table_.primary().columns};
        require_no_null(table_, table_.primary().columns, primary.all());
        RowKey own{table_, primary.all()};
        if (own.bytes() != key) {
            found(key, "the row is stored under the key of another one, " +
                           codec::describe_key(own.bytes()));
            return std::nullopt;
        }
        tell(key, [&] { require_parents(reading_, table_, cells.all(), own, nullptr); });
        return own;
    }

    // A stored cell is valid if the column would store it unchanged.
    void types(Bytes key, std::span<const Cell> cells) {
        Conversion conversion{table_.definition(), 0};
        for (std::uint32_t place = 0; place < cells.size(); ++place) {
            tell(key, [&] {
                const Cell kept = conversion(place, cells[place]);
                if (!same(kept, cells[place])) {
                    found(key, fmt::format("column {} holds a value that it would not store",
                                           table_.definition().columns[place].name));
                }
            });
        }
    }

    void entries_of(Bytes key, const Row& row, const RowKey& own) {
        IndexEntry entry;
        Buffer scratch;
        for (const BoundIndex& index : table_.indexes()) {
            entry.encode(index, row, own.primary_part());
            const auto value = reading_.find(TreeId::relational, entry.key(), scratch);
            if (!value) {
                found(key,
                      fmt::format("index {} has no entry for the row", index.definition->name));
            } else if (*value != entry.value()) {
                found(key, fmt::format("index {} has another row in the place of this one",
                                       index.definition->name));
            }
        }
    }

    void index_entry(const BoundIndex& index, Bytes key, Bytes value) {
        ++summary_.index_entries;
        tell(key, [&] {
            const RowKey row_key{table_, primary_part(index, key, value)};
            Buffer scratch;
            const auto found_row = reading_.find(TreeId::relational, row_key.bytes(), scratch);
            if (!found_row) {
                found(key, fmt::format("index {} has an entry for a row that is not there",
                                       index.definition->name));
                return;
            }
            const Row row{table_, *found_row};
            IndexEntry entry;
            entry.encode(index, row, row_key.primary_part());
            if (entry.key() != key) {
                found(key, fmt::format("index {} has an entry that its row does not have",
                                       index.definition->name));
            } else if (entry.meeting() == IndexEntry::Meeting::in_rows) {
                unique_in_rows(index, key, row, entry);
            }
        });
    }

    // For an index whose keys do not prevent the same columns twice.
    void unique_in_rows(const BoundIndex& index, Bytes key, const Row& row,
                        const IndexEntry& entry) {
        Buffer scratch;
        const auto cursor = reading_.cursor(TreeId::relational, entry.columns_part(),
                                            codec::prefix_end(entry.columns_part()));
        for (cursor->seek_first(); cursor->valid() && cursor->key() < key; cursor->next()) {
            const Row other =
                require_row(reading_, table_, index,
                            primary_part(index, cursor->key(), cursor->value()), scratch);
            if (same_at(index.columns, row, other)) {
                found(key, fmt::format("unique index {} has the same columns twice",
                                       index.definition->name));
            }
        }
    }

    void counter() {
        if (!table_.numbered_column()) return;
        const Buffer key = codec::KeyWriter{table_.definition().counter}.take();
        tell(key, [&] {
            const std::int64_t last = find_last_number(reading_, table_).value_or(0);
            if (last < highest_) {
                found(key,
                      fmt::format("the AUTO_INCREMENT counter is at {}, but there is a row with {}",
                                  last, highest_));
            }
        });
    }

    const transaction::Reading& reading_;
    const BoundTable& table_;
    const std::function<void(std::string)>& report_;
    CheckSummary& summary_;
    std::int64_t highest_ = 0;
};

}  // namespace

std::optional<std::string> find_fault(const transaction::Reading& reading, const BoundTable& table,
                                      Bytes key, Bytes value) {
    std::optional<std::string> first;
    CheckSummary summary;
    const std::function<void(std::string)> keep = [&](std::string what) {
        if (!first) first = std::move(what);
    };
    TableCheck{reading, table, keep, summary}.run_row(key, value);
    return first;
}

CheckSummary check(const transaction::Reading& reading, const Tables& tables,
                   const std::function<void(std::string)>& report) {
    CheckSummary summary;
    for (const auto& table : tables.all()) TableCheck{reading, *table, report, summary}.run();
    return summary;
}

}  // namespace amphora::relational

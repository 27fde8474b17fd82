#pragma once

#include "support/code_of.hpp"
#include "support/message_of.hpp"
#include "support/scratch_directory.hpp"

#include <amphora/amphora.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

/// A market whose orders and baskets keep the state before, and whose customers and visits do not.
namespace amphora::market {

inline constexpr Schema schema{"market", R"sql(
CREATE TABLE customers (
    customer_id BIGINT PRIMARY KEY AUTO_INCREMENT,
    name  VARCHAR(400) NOT NULL,
    rank  ENUM('new', 'old') NOT NULL DEFAULT 'new'
);
CREATE TABLE orders (
    customer_id BIGINT NOT NULL REFERENCES customers (customer_id) ON DELETE CASCADE,
    number INT NOT NULL,
    total DECIMAL(10,2) NOT NULL DEFAULT 0,
    PRIMARY KEY (customer_id, number)
) WITH (before = TRUE);
CREATE INDEX orders_by_total ON orders (total);
CREATE TABLE names (name VARCHAR(400) PRIMARY KEY, times INT NOT NULL DEFAULT 0);
CREATE COLLECTION visits (customer_id BIGINT);
CREATE INDEX visits_by_customer ON visits (customer_id);
CREATE COLLECTION baskets (customer_id BIGINT) WITH (before = TRUE);
)sql"};

inline constexpr Table customers{"customers"};
inline constexpr Table orders{"orders"};
inline constexpr Table names{"names"};
inline constexpr Collection visits{"visits"};
inline constexpr Collection baskets{"baskets"};

using support::code_of;
using support::message_of;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

/// A change in one line: "insert customers (1) -> Kim".
inline std::string line_of(const Change& change) {
    std::string line = fmt::format("{} {}", to_string(change.kind()), change.name());
    if (change.is_row()) {
        std::string key;
        for (const auto& [name, value] : change.key()) {
            key += (key.empty() ? "" : ", ") + to_string(value);
        }
        line += fmt::format(" ({})", key);
        const auto shown = [](const RowView* row) {
            return row == nullptr ? std::string{"none"} : to_string(Value::from(row->cell(2)));
        };
        if (change.name() == "orders") {
            line += fmt::format(" {} -> {}", shown(change.row_before()), shown(change.row_after()));
        }
    } else if (change.is_document()) {
        line += " " + to_json(Document{{"_id", change.id()}});
        if (change.name() == "baskets") {
            const auto shown = [](const OptionalDocument& document) {
                return document ? to_json(*document) : std::string{"none"};
            };
            line += fmt::format(" {} -> {}", shown(change.document_before()),
                                shown(change.document_after()));
        }
    } else if (change.kind() == ChangeKind::event) {
        line += " " + to_json(change.payload());
    }
    return line;
}

/// What a feed shows without waiting.
inline std::vector<std::string> lines_of(Feed& feed) {
    std::vector<std::string> lines;
    while (const Change* change = feed.next(0ms)) lines.push_back(line_of(*change));
    return lines;
}

class Market : public testing::Test {
  protected:
    [[nodiscard]] std::string path() const { return directory_ / "market.amphora"; }
    [[nodiscard]] static Options small() {
        Options options;
        options.profile = Profile::edge;
        return options;
    }
    void open(const Options& options = small()) {
        db_.emplace(Database::open(path(), schema, options));
    }
    Database& db() {
        if (!db_) open();
        return *db_;
    }
    /// A feed from the last commit on.
    Feed from_here(std::vector<Selection> selections = {}) {
        return db().feed({.selections = std::move(selections), .start = FeedStart::end});
    }
    std::int64_t add_customer(Transaction& tx, const std::string& name) {
        return tx.insert(customers, Record{{"name", name}})["customer_id"].as<std::int64_t>();
    }
    static void add_order(Transaction& tx, std::int64_t customer, int number, const char* total) {
        tx.insert(orders,
                  Record{{"customer_id", customer}, {"number", number}, {"total", Decimal{total}}});
    }

    support::ScratchDirectory directory_{support::Scratch::disk, "market"};
    std::optional<Database> db_;
};

}  // namespace amphora::market

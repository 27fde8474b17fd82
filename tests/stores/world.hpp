#pragma once

#include "catalog/evolution/evolution.hpp"
#include "catalog/language/parser.hpp"
#include "stores/cells.hpp"
#include "stores/documents.hpp"
#include "stores/events.hpp"
#include "stores/rows.hpp"
#include "support/code_of.hpp"
#include "support/engine_vessel.hpp"
#include "support/message_of.hpp"

#include <amphora/error.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

/// A shop over the transaction engine, without the facade: what a handler of events has.
namespace amphora::stores {

inline constexpr std::string_view shop_schema = R"sql(
CREATE TABLE customers (
    customer_id BIGINT PRIMARY KEY AUTO_INCREMENT,
    name  VARCHAR(60) NOT NULL,
    email VARCHAR(100) UNIQUE NOT NULL,
    spent INT NOT NULL DEFAULT 0 CHECK (spent >= 0),
    referred_by BIGINT REFERENCES customers (customer_id),
    changed_at DATETIME(6) DEFAULT NULL ON UPDATE NOW()
);
CREATE INDEX customers_by_name ON customers (name);
CREATE COLLECTION visits (
    customer_id BIGINT NOT NULL REFERENCES customers (customer_id) ON DELETE CASCADE,
    page VARCHAR(40)
);
CREATE INDEX visits_by_customer ON visits (customer_id);
)sql";

inline constexpr Table customers{"customers"};
inline constexpr UniqueIndex customers_by_email{"customers", "customers_by_email"};
inline constexpr Collection visits{"visits"};

[[nodiscard]] inline Cell whole(std::int64_t number) {
    return Cell::of(number);
}

using support::code_of;
using support::message_of;

class Shop : public testing::Test {
  protected:
    Shop() {
        auto writing = vessel.begin();
        schema = std::make_shared<const BoundSchema>(
            catalog::apply_additive(*writing, catalog::Catalog{},
                                    catalog::parse_schema(shop_schema, "shop.sql"))
                .catalog);
        commit(std::move(writing));
    }

    std::unique_ptr<transaction::WriteTransaction> begin() { return vessel.begin(); }
    void commit(std::unique_ptr<transaction::WriteTransaction> writing) {
        vessel.engine->commit(std::move(writing));
    }
    [[nodiscard]] auto snapshot() const { return vessel.engine->snapshot(); }

    /// Returns the number of the new customer.
    std::int64_t add_customer(transaction::Writing& writing, const std::string& name) const {
        return insert(writing, *schema, customers,
                      Record{{"name", name}, {"email", name + "@example.com"}})
            .cell("customer_id")
            .integer();
    }
    BsonValue add_visit(transaction::Writing& writing, std::int64_t customer,
                        const std::string& page) const {
        return insert(writing, *schema, visits,
                      Document{{"customer_id", customer}, {"page", page}});
    }

    /// The customer, as a record; none if there is no such customer.
    [[nodiscard]] std::optional<Record> customer(const transaction::Reading& reading,
                                                 std::int64_t number) const {
        Buffer scratch;
        const Cell key[]{Cell::of(number)};
        const auto row = find(reading, *schema, customers, key, scratch);
        return row ? std::optional{row->record()} : std::nullopt;
    }
    [[nodiscard]] std::vector<std::string> names(const transaction::Reading& reading,
                                                 const Conditions& conditions = {},
                                                 const ScanOptions& options = {}) const {
        std::vector<std::string> all;
        auto rows = scan(reading, *schema, customers, conditions, options);
        while (rows.next()) all.emplace_back(rows.row().cell("name").text());
        return all;
    }
    [[nodiscard]] std::vector<std::string> pages(const transaction::Reading& reading,
                                                 const std::string& filter = "{}") const {
        std::vector<std::string> all;
        auto found = find(reading, *schema, visits, document::Filter{Document::from_json(filter)});
        while (found->next()) all.emplace_back(*found->document().field("page")->as_text());
        return all;
    }

    support::EngineVessel vessel;
    std::shared_ptr<const BoundSchema> schema;
};

}  // namespace amphora::stores

#pragma once

#include "support/code_of.hpp"
#include "support/message_of.hpp"
#include "support/scratch_directory.hpp"

#include <amphora/amphora.hpp>

#include <gtest/gtest.h>

#include <string>

/// A small schema with a foreign key from one store to the other, and a directory that is removed
/// with the test.
namespace amphora::shop {

inline constexpr Schema schema{"shop", R"sql(
CREATE TABLE customers (
    customer_id BIGINT PRIMARY KEY AUTO_INCREMENT,
    name  VARCHAR(20) NOT NULL,
    email VARCHAR(100) UNIQUE NOT NULL,
    spent INT NOT NULL DEFAULT 0 CHECK (spent >= 0)
);
CREATE COLLECTION visits (
    customer_id BIGINT NOT NULL REFERENCES customers (customer_id) ON DELETE CASCADE,
    at DATETIME NOT NULL DEFAULT NOW()
);
CREATE INDEX visits_by_customer ON visits (customer_id, at);
)sql"};

inline constexpr Table customers{"customers"};
inline constexpr Collection visits{"visits"};
inline constexpr UniqueIndex customers_by_email{"customers", "customers_by_email"};

class Directory : public support::ScratchDirectory {
  public:
    Directory() : ScratchDirectory{support::Scratch::disk, "shop"} {}
    [[nodiscard]] std::string database() const { return *this / "shop.amphora"; }
};

inline std::int64_t add_customer(Transaction& tx, const std::string& name) {
    const Record stored =
        tx.insert(customers, Record{{"name", name}, {"email", name + "@example.com"}});
    return stored["customer_id"].as<std::int64_t>();
}

using support::code_of;
using support::message_of;

template <class Range>
std::size_t count(Range range) {
    std::size_t times = 0;
    for (auto it = range.begin(); it != range.end(); ++it) ++times;
    return times;
}

}  // namespace amphora::shop

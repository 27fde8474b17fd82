#pragma once

#include "database/shop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

/// What the tests of the pitfalls share: the shop, with customers in one store and visits in the
/// other, and small options with which files are made and removed often.
namespace amphora::pitfalls {

using shop::add_customer;
using shop::code_of;
using shop::count;
using shop::customers;
using shop::Directory;
using shop::schema;
using shop::visits;

inline Options small_options() {
    constexpr std::uint64_t kib = 1024;
    Options options;
    options.profile = Profile::edge;
    options.segment_bytes = 128 * kib;
    options.commit_bytes_max = 64 * kib;
    options.journal_bytes_max = 1024 * kib;
    options.pending_bytes_max = 512 * kib;
    options.seal_bytes = 16 * kib;
    options.seal_age_ms = 5;
    options.reserve_bytes = 1024 * kib;
    return options;
}

/// The error that `call` throws, as "code: message"; empty if there is none.
template <class Call>
std::string error_of(Call&& call) {
    try {
        call();
    } catch (const Error& error) {
        return std::string{error.code_name()} + ": " + error.what();
    }
    return {};
}

inline std::string error_of_opening(const std::string& path, const Options& options = {}) {
    return error_of([&] { static_cast<void>(Database::open(path, schema, options)); });
}

/// One customer and a visit of theirs, with `bytes` of notes. Returns the customer.
inline std::int64_t sign_up(Database& db, const std::string& name, std::size_t bytes = 0) {
    return db
        .write([&](Transaction& tx) {
            const std::int64_t id = add_customer(tx, name);
            tx.insert(visits, {{"customer_id", id}, {"notes", std::string(bytes, 'n')}});
            return id;
        })
        .value;
}

/// Many of them, so that segments of the journal change and both trees are written. Waits while the
/// disk is slower than the commits.
inline void sign_up_many(Database& db, const std::string& name, int times) {
    for (int i = 0; i < times; ++i) {
        std::string error;
        do {
            error = error_of([&] { sign_up(db, name + std::to_string(i), 2000); });
        } while (error.starts_with("documents_stalled"));
        EXPECT_EQ(error, "");
    }
}

inline std::size_t customers_in(const Database& db) {
    return count(db.snapshot().scan(customers));
}
inline std::size_t visits_in(const Database& db) {
    return count(db.snapshot().scan(visits));
}

/// The same number of rows and documents, and every invariant.
inline void expect_whole(const Database& db, std::size_t signed_up) {
    EXPECT_EQ(customers_in(db), signed_up);
    EXPECT_EQ(visits_in(db), signed_up);
    EXPECT_THAT(db.check().findings, ::testing::IsEmpty());
}

}  // namespace amphora::pitfalls

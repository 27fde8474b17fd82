#pragma once

#include "events/market.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

/// Consumers of a market, which count its visits in both stores.
namespace amphora::market {

using Lines = std::vector<std::string>;

/// The name that `ConsumerTest::fill` gives to a number.
inline std::string name_of(int id) {
    return fmt::format("n{:06}", id);
}

class ConsumerTest : public Market {
  protected:
    ConsumerTest() {
        quick_.backoff = 1ms;
        quick_.backoff_max = 4ms;
    }
    /// Counts in both stores: a row of `names`, and a document of `baskets`.
    static void count(Transaction& tx, const std::string& name) {
        const auto row = tx.find(names, name);
        const std::int64_t times = row ? (*row)["times"].as<std::int64_t>() : 0;
        tx.put(names, Record{{"name", name}, {"times", times + 1}});
        if (!tx.update(baskets, Id{name}, {{"$inc", Document{{"times", 1}}}})) {
            tx.insert(baskets, {{"_id", name}, {"times", 1}});
        }
    }
    [[nodiscard]] std::int64_t counted(const std::string& name) {
        const Snapshot now = db().snapshot();
        const auto row = now.find(names, name);
        const auto document = now.find(baskets, Id{name});
        const std::int64_t rows = row ? (*row)["times"].as<std::int64_t>() : 0;
        EXPECT_EQ(rows, document ? document->find("times")->as_int64().value() : 0) << name;
        return rows;
    }
    Commit visit(int id) {
        return db().write([&](Transaction& tx) { tx.insert(visits, {{"_id", id}}); });
    }
    /// A visit and a name for each number, up to 500 in a commit.
    void fill(int from, int to) {
        for (int first = from; first <= to; first += 500) {
            db().write(
                [&](Transaction& tx) {
                    for (int id = first; id < std::min(first + 500, to + 1); ++id) {
                        tx.insert(visits, {{"_id", id}, {"customer_id", 1}});
                        tx.insert(names, Record{{"name", name_of(id)}, {"times", 1}});
                    }
                },
                {.durability = Durability::written});
        }
    }
    /// Visits that fill many segments of the journal, with an opening after each hundred.
    void visit_over_openings(int from, int to, const Options& options) {
        const std::string filling(1000, 'x');
        for (int id = from; id <= to; ++id) {
            db().write(
                [&](Transaction& tx) {
                    tx.insert(visits, {{"_id", id}, {"filling", filling}});
                },
                {.durability = Durability::written});
            if (id % 100 != 0) continue;
            db_.reset();
            open(options);
        }
    }
    static std::string id_of(const Change& change) {
        return std::to_string(change.id().view().as_int64().value());
    }
    std::vector<Document> dead_letters() {
        std::vector<Document> all;
        for (const DocumentView letter : db().snapshot().scan(dead_letters_)) {
            all.emplace_back(letter);
        }
        return all;
    }

    static constexpr Collection dead_letters_{"amphora.dead_letters"};
    ConsumerOptions quick_;
};

}  // namespace amphora::market

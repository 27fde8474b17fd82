#pragma once

#include <amphora/amphora.hpp>

#include <chrono>
#include <cstdint>

/// A consumer that counts visits, each in a row and in a document of its own: the counts tell
/// whether a visit took effect once, never or twice, and whether both stores agree.
namespace amphora::market {

inline constexpr Schema counting_schema{"counting", R"sql(
CREATE TABLE counts (visit BIGINT PRIMARY KEY, times INT NOT NULL);
CREATE COLLECTION counted_visits (note TEXT);
CREATE COLLECTION tallies (times INT NOT NULL);
)sql"};

inline constexpr Table counts{"counts"};
inline constexpr Collection counted_visits{"counted_visits"};
inline constexpr Collection tallies{"tallies"};

/// Of the victim that reads its visits again.
inline constexpr std::int64_t inserted_from = 1'000'000'000;
inline constexpr std::int64_t erased_to = 1000;

inline Options counting_options() {
    Options options;
    options.profile = Profile::edge;
    options.segment_bytes = 64 << 10;
    options.sync_interval_ms = 5;
    return options;
}

inline ConsumerOptions counting_consumer() {
    ConsumerOptions options;
    options.batch_changes_max = 7;
    options.attempts_max = 50;
    options.backoff = std::chrono::milliseconds{0};
    options.backoff_max = std::chrono::milliseconds{1};
    return options;
}

inline void count(Transaction& tx, const Change& change) {
    const BsonValue id = change.id();
    const std::int64_t visit = id.view().as_int64().value();
    const auto row = tx.find(counts, visit);
    const std::int64_t times = row ? (*row)["times"].as<std::int64_t>() : 0;
    tx.put(counts, Record{{"visit", visit}, {"times", times + 1}});
    if (!tx.update(tallies, Id{id}, {{"$inc", Document{{"times", 1}}}})) {
        tx.insert(tallies, {{"_id", id}, {"times", 1}});
    }
}

}  // namespace amphora::market

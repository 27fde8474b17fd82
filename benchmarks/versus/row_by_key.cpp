// What: a user by primary key out of a million, all delivered, without writers.
// Why: reading is what applications do most. The merge of pending over tree must cost almost
// nothing when nothing is pending. The limit is the same look-up in an LMDB map of the same keys
// and values.

#include "mission.hpp"
#include "versus/place.hpp"
#include "versus/raw_map.hpp"
#include "versus/signups.hpp"
#include "versus/sqlite.hpp"

#include <algorithm>
#include <random>

namespace amphora::versus {

namespace {

constexpr std::uint64_t look_ups_a_snapshot = 1000;

void fill(Database& database, std::uint64_t rows) {
    for (std::uint64_t first = 0; first < rows; first += 10'000) {
        database.write(
            [&](Transaction& tx) {
                for (std::uint64_t number = first; number < std::min(rows, first + 10'000);
                     ++number) {
                    const Person person{number};
                    tx.insert(
                        mission::users,
                        {.name = person.name, .email = person.email, .phone_num = person.phone});
                }
            },
            {.durability = Durability::written});
    }
    database.wait(database.snapshot().commit_seen());
}

void fill(sqlite::Connection& connection, std::uint64_t rows) {
    connection.run("PRAGMA journal_mode = WAL");
    connection.run("PRAGMA cache_size = -" + std::to_string(cache_bytes / 1024));
    connection.run("PRAGMA mmap_size = " + std::to_string(1ull << 34));
    connection.run(
        "CREATE TABLE users (user_id INTEGER PRIMARY KEY, name TEXT, email TEXT UNIQUE, phone_num "
        "TEXT "
        "UNIQUE, is_phone_authorized INTEGER, point INTEGER, created_at INTEGER, updated_at "
        "INTEGER)");
    sqlite::Statement insert{
        connection,
        "INSERT INTO users (name, email, phone_num, is_phone_authorized, point, created_at) VALUES "
        "(?, ?, ?, 0, 0, 1769863496789012)"};
    connection.run("BEGIN");
    for (std::uint64_t number = 0; number < rows; ++number) {
        const Person person{number};
        insert.bind(1, person.name).bind(2, person.email).bind(3, person.phone);
        insert.run();
    }
    connection.run("COMMIT");
    connection.run("PRAGMA wal_checkpoint(TRUNCATE)");
}

std::vector<std::int64_t> random_keys(std::uint64_t rows, std::uint64_t count) {
    std::mt19937_64 random{7};
    std::vector<std::int64_t> keys(count);
    for (std::int64_t& key : keys) key = static_cast<std::int64_t>(random() % rows) + 1;
    return keys;
}

/// Calls `begin` before each thousand look-ups and `look` for each key.
template <class Begin, class Look>
Sample look_up(const std::vector<std::int64_t>& keys, Begin begin, Look look) {
    const double seconds = seconds_of([&] {
        for (std::size_t at = 0; at < keys.size(); ++at) {
            if (at % look_ups_a_snapshot == 0) begin();
            look(keys[at]);
        }
    });
    return {static_cast<double>(keys.size()) / seconds, 0};
}

}  // namespace

Result row_by_key(const Sizes& sizes) {
    const auto rows =
        std::max<std::uint64_t>(1000, static_cast<std::uint64_t>(1'000'000 * sizes.scale));
    const auto keys = random_keys(rows, std::min<std::uint64_t>(200'000, rows));
    const Place place;

    AmphoraSignups ours{place / "amphora", Durability::written};
    fill(ours.database(), rows);
    sqlite::Connection connection{place / "sqlite.db"};
    fill(connection, rows);
    sqlite::Statement select{connection,
                             "SELECT user_id, name, email, phone_num, is_phone_authorized, point, "
                             "created_at, updated_at FROM users WHERE user_id = ?"};

    // The same rows, key for key and byte for byte, in a map of their own.
    std::optional<Snapshot> now = ours.database().snapshot();
    RawMap map{place / "raw"};
    map.fill_from(*now, rows);

    std::uint64_t bytes = 0;  // a sum, so that the compiler keeps the reads
    RowView row;
    Result result = compare(
        "row-by-key", "rows/s", sizes,
        [&] {
            return look_up(
                keys, [&] { now = ours.database().snapshot(); },
                [&](std::int64_t key) {
                    const std::array cells{Cell::of(key)};
                    if (now->find_row(mission::users.table, cells, row)) {
                        bytes += row.cell(1).text().size() + row.cell(2).text().size();
                    }
                });
        },
        [&] {
            return look_up(
                keys,
                [&] {
                    if (sqlite3_get_autocommit(connection.handle()) == 0) connection.run("COMMIT");
                    connection.run("BEGIN");
                },
                [&](std::int64_t key) {
                    select.bind(1, key);
                    if (select.step()) bytes += select.text(1).size() + select.text(2).size();
                    select.done();
                });
        },
        [&] {
            return look_up(
                keys, [&] { map.begin(); },
                [&](std::int64_t key) { bytes += map.find(key).size(); });
        });
    result.note = "limit: mdb_get of the same keys and values, encoding the key included";
    if (bytes == 0) result.note += "; nothing was found";
    return result;
}

}  // namespace amphora::versus

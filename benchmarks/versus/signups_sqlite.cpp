#include "versus/signups.hpp"
#include "versus/sqlite.hpp"

#include <chrono>
#include <thread>

namespace amphora::versus {

namespace {

constexpr const char* schema = R"sql(
CREATE TABLE IF NOT EXISTS users (
    user_id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE,
    phone_num TEXT UNIQUE, is_phone_authorized INTEGER DEFAULT 0, point INTEGER DEFAULT 0,
    created_at INTEGER, updated_at INTEGER);
CREATE TABLE IF NOT EXISTS activity_logs (
    id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (user_id) ON DELETE CASCADE,
    at INTEGER NOT NULL, document TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS activity_by_user ON activity_logs (user_id, at);
CREATE INDEX IF NOT EXISTS activity_by_time ON activity_logs (at);
)sql";

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// As `Connection::run`, as an initializer.
sqlite::Connection& prepared(sqlite::Connection& connection,
                             SqliteSignups::Synchronous synchronous) {
    connection.run("PRAGMA journal_mode = WAL");
    connection.run(synchronous == SqliteSignups::Synchronous::full ? "PRAGMA synchronous = FULL"
                                                                   : "PRAGMA synchronous = NORMAL");
    connection.run("PRAGMA cache_size = -" + std::to_string(cache_bytes / 1024));
    connection.run("PRAGMA mmap_size = " + std::to_string(1ull << 34));
    connection.run("PRAGMA foreign_keys = ON");
    connection.run("PRAGMA busy_timeout = 60000");
    connection.run(schema);
    return connection;
}

}  // namespace

class SqliteSignups::Connection {
  public:
    Connection(const std::string& path, Synchronous synchronous)
        : connection_{path},
          begin_{prepared(connection_, synchronous), "BEGIN IMMEDIATE"},
          commit_{connection_, "COMMIT"},
          user_{connection_,
                "INSERT INTO users (name, email, phone_num, created_at) VALUES (?, ?, ?, ?)"},
          log_{connection_, "INSERT INTO activity_logs (user_id, at, document) VALUES (?, ?, ?)"} {}

    void sign_up(std::uint64_t number) {
        const Person person{number};
        begin_.run();
        user_.bind(1, person.name).bind(2, person.email).bind(3, person.phone).bind(4, now_ms());
        user_.run();
        const std::int64_t user = sqlite3_last_insert_rowid(connection_.handle());
        const std::string document = R"({"user_id": )" + std::to_string(user) +
                                     R"(, "event": "signup", "source": "benchmark"})";
        log_.bind(1, user).bind(2, now_ms()).bind(3, document);
        log_.run();
        commit_.run();
    }

  private:
    sqlite::Connection connection_;
    sqlite::Statement begin_, commit_, user_, log_;
};

SqliteSignups::SqliteSignups(const std::string& path, Synchronous synchronous, unsigned threads) {
    for (unsigned thread = 0; thread < threads; ++thread) {
        connections_.push_back(std::make_unique<Connection>(path, synchronous));
    }
}
SqliteSignups::~SqliteSignups() = default;

Sample SqliteSignups::run(std::uint64_t first, std::uint64_t count) {
    const std::size_t threads = connections_.size();
    const double seconds = seconds_of([&] {
        std::vector<std::jthread> workers;
        for (std::size_t thread = 0; thread < threads; ++thread) {
            workers.emplace_back([&, thread] {
                for (std::uint64_t number = thread; number < count; number += threads) {
                    connections_[thread]->sign_up(first + number);
                }
            });
        }
    });
    return {static_cast<double>(count) / seconds, 0};
}

}  // namespace amphora::versus

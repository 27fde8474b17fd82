#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

/// As much of SQLite's interface as the comparisons need; every failure throws.
namespace amphora::versus::sqlite {

class Connection {
  public:
    explicit Connection(const std::string& path) {
        if (sqlite3_open(path.c_str(), &handle_) != SQLITE_OK) fail("opening " + path);
    }
    ~Connection() { sqlite3_close(handle_); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void run(const std::string& sql) {
        if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail(sql);
    }
    [[nodiscard]] sqlite3* handle() const noexcept { return handle_; }
    [[noreturn]] void fail(const std::string& doing) const {
        throw std::runtime_error{"SQLite, " + doing + ": " + sqlite3_errmsg(handle_)};
    }

  private:
    sqlite3* handle_ = nullptr;
};

class Statement {
  public:
    Statement(Connection& connection, const char* sql) : connection_{connection} {
        if (sqlite3_prepare_v3(connection.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &handle_,
                               nullptr) != SQLITE_OK) {
            connection.fail(sql);
        }
    }
    ~Statement() { sqlite3_finalize(handle_); }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    Statement& bind(int place, std::int64_t value) {
        sqlite3_bind_int64(handle_, place, value);
        return *this;
    }
    /// The text must live until the statement was run.
    Statement& bind(int place, std::string_view text) {
        sqlite3_bind_text(handle_, place, text.data(), static_cast<int>(text.size()),
                          SQLITE_STATIC);
        return *this;
    }
    /// True: there is a row to read; then `done` must follow.
    bool step() {
        const int status = sqlite3_step(handle_);
        if (status != SQLITE_ROW && status != SQLITE_DONE) connection_.fail("stepping");
        return status == SQLITE_ROW;
    }
    void done() { sqlite3_reset(handle_); }
    void run() {
        step();
        done();
    }
    [[nodiscard]] std::string_view text(int column) {
        return {reinterpret_cast<const char*>(sqlite3_column_text(handle_, column)),
                static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
    }
    [[nodiscard]] std::int64_t integer(int column) { return sqlite3_column_int64(handle_, column); }

  private:
    Connection& connection_;
    sqlite3_stmt* handle_ = nullptr;
};

}  // namespace amphora::versus::sqlite

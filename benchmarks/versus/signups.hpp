#pragma once

#include "versus/workload.hpp"

#include <amphora/amphora.hpp>

#include <cstdint>
#include <memory>
#include <string>

/// The sign-up that every commit workload repeats: one user with two unique indexes and one log
/// document with an index, in one transaction.
namespace amphora::versus {

struct Person {
    explicit Person(std::uint64_t number);
    std::string name;
    std::string email;
    std::string phone;
};

class AmphoraSignups {
  public:
    AmphoraSignups(const std::string& directory, Durability durability);

    /// Signs `count` people up from `first` on, with as many threads; rates until both trees have
    /// delivered.
    Sample run(std::uint64_t first, std::uint64_t count, unsigned threads);
    /// The journal's bytes for each commit so far, with padding: what the raw limit has to write.
    [[nodiscard]] std::uint64_t journal_bytes_a_commit() const;
    [[nodiscard]] Database& database() noexcept { return database_; }

  private:
    void sign_up(std::uint64_t number);
    Database database_;
};

/// SQLite in WAL mode, with prepared statements, Amphora's whole memory as its cache, and one
/// connection for each thread.
class SqliteSignups {
  public:
    enum class Synchronous { normal, full };
    SqliteSignups(const std::string& path, Synchronous synchronous, unsigned threads);
    ~SqliteSignups();
    SqliteSignups(const SqliteSignups&) = delete;
    SqliteSignups& operator=(const SqliteSignups&) = delete;

    Sample run(std::uint64_t first, std::uint64_t count);

  private:
    class Connection;
    std::vector<std::unique_ptr<Connection>> connections_;
};

/// Writes of the same size, one after another, into a file that was filled and synced before.
class RawWrites {
  public:
    enum class Sync { none, each };
    RawWrites(const std::string& path, Sync sync);
    ~RawWrites();
    RawWrites(const RawWrites&) = delete;
    RawWrites& operator=(const RawWrites&) = delete;

    Sample run(std::uint64_t count, std::uint64_t bytes_each);

  private:
    int descriptor_;
    Sync sync_;
    std::uint64_t at_ = 0;
};

/// What both SQLite and Amphora may keep in memory, in bytes.
inline constexpr std::uint64_t cache_bytes = 256ull << 20;

}  // namespace amphora::versus

// What: a million logs of a thousand users have expired and are removed, each with its entries in two
// indexes; and how long commits of others take meanwhile.
// Why: what is removed in the background must keep up with what is written, and nobody should notice.
// The limit deletes the same documents and entries from RocksDB with its own log, in batches of the
// same size, by keys that it knows.

#include "codec/key/writer.hpp"
#include "mission.hpp"
#include "versus/place.hpp"
#include "versus/signups.hpp"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace amphora::versus {

namespace {

constexpr std::uint64_t users = 1000;
constexpr std::uint64_t documents_a_transaction = 1000;

std::int64_t user_of(std::uint64_t number) {
    return static_cast<std::int64_t>(number * 0x9e3779b97f4a7c15ull % users) + 1;
}
/// One after the other, years ago.
DateTime moment_of(std::uint64_t number) {
    return DateTime{1'600'000'000'000'000 + static_cast<std::int64_t>(number) * 1000};
}

class Logs {
  public:
    explicit Logs(const std::string& directory) : signups_{directory, Durability::synced} {
        static_cast<void>(signups_.run(0, users, 1));
    }
    [[nodiscard]] Database& database() noexcept { return signups_.database(); }

    void fill(std::uint64_t count) {
        for (std::uint64_t first = 0; first < count; first += documents_a_transaction) {
            database().write(
                [&](Transaction& tx) {
                    for (std::uint64_t number = first;
                         number < std::min(count, first + documents_a_transaction); ++number) {
                        tx.insert(mission::activity_logs, {{"user_id", user_of(number)},
                                                           {"at", moment_of(number)},
                                                           {"event", "signup"},
                                                           {"source", "benchmark"}});
                    }
                },
                {.durability = Durability::written});
        }
        database().wait(database().snapshot().commit_seen());
    }

    /// Also says how many documents a commit had.
    Sample expire(double& documents_a_commit) {
        const std::uint64_t before = database().statistics().commits;
        double acknowledged = 0;
        std::uint64_t removed = 0;
        const double all = seconds_of([&] {
            acknowledged = seconds_of([&] { removed = database().expire_now(); });
            database().wait(database().snapshot().commit_seen());
        });
        const auto count = static_cast<double>(removed);
        documents_a_commit = count / static_cast<double>(std::max<std::uint64_t>(
                                         1, database().statistics().commits - before));
        return {count / all, count / acknowledged};
    }

    /// The times of sign-ups, one after another, until `stop`, in microseconds and sorted.
    std::vector<double> sign_up(std::uint64_t first, const std::atomic<bool>& stop) {
        std::vector<double> times;
        for (std::uint64_t number = first; !stop; ++number) {
            const Person person{number};
            times.push_back(1e6 * seconds_of([&] {
                                database().write([&](Transaction& tx) {
                                    tx.insert(mission::users, {.name = person.name,
                                                               .email = person.email,
                                                               .phone_num = person.phone});
                                });
                            }));
        }
        std::ranges::sort(times);
        return times;
    }

  private:
    AmphoraSignups signups_;
};

/// RocksDB with its own log.
class RawLogs {
  public:
    explicit RawLogs(const std::string& directory) {
        rocksdb::Options options;
        options.create_if_missing = true;
        options.write_buffer_size = 64u << 20;
        rocksdb::DB* db = nullptr;
        require(rocksdb::DB::Open(options, directory, &db));
        db_.reset(db);
    }

    void fill(std::uint64_t count) {
        const std::string document(100, 'x');
        rocksdb::WriteOptions without_log;
        without_log.disableWAL = true;
        in_batches(count, documents_a_transaction, without_log, [&](auto& batch, const Keys& keys) {
            batch.Put(keys.document, document);
            batch.Put(keys.by_user, "");
            batch.Put(keys.by_time, "");
        });
        require(db_->Flush({}));
    }

    Sample erase(std::uint64_t count, double documents_a_batch) {
        const double seconds = seconds_of([&] {
            in_batches(count,
                       std::max<std::uint64_t>(1, static_cast<std::uint64_t>(documents_a_batch)),
                       {}, [](auto& batch, const Keys& keys) {
                           batch.Delete(keys.document);
                           batch.Delete(keys.by_user);
                           batch.Delete(keys.by_time);
                       });
        });
        return {static_cast<double>(count) / seconds, 0};
    }

  private:
    struct Keys {
        std::string document, by_user, by_time;
    };
    static void require(const rocksdb::Status& status) {
        if (!status.ok()) throw std::runtime_error{"RocksDB: " + status.ToString()};
    }
    static Keys keys_of(std::uint64_t number) {
        const std::string id = fmt::format("{:012}", number);
        codec::KeyWriter document{SpaceId{16}};
        document.object_id(id);
        codec::KeyWriter by_user{SpaceId{17}};
        by_user.integer(user_of(number)).datetime(moment_of(number)).object_id(id);
        codec::KeyWriter by_time{SpaceId{18}};
        by_time.datetime(moment_of(number)).object_id(id);
        return {document.take(), by_user.take(), by_time.take()};
    }
    template <class Add>
    void in_batches(std::uint64_t count, std::uint64_t size, const rocksdb::WriteOptions& options,
                    Add add) {
        rocksdb::WriteBatch batch;
        for (std::uint64_t number = 0; number < count; ++number) {
            add(batch, keys_of(number));
            if ((number + 1) % size != 0 && number + 1 != count) continue;
            require(db_->Write(options, &batch));
            batch.Clear();
        }
    }

    std::unique_ptr<rocksdb::DB> db_;
};

double p99(const std::vector<double>& sorted) {
    return sorted.empty() ? 0 : sorted[sorted.size() * 99 / 100];
}

/// The p99 of commits alone and while logs expire, in words.
std::string latencies(Logs& logs, std::uint64_t count) {
    logs.fill(count);
    std::vector<double> times;
    double seconds = 0;
    double ignored = 0;
    const auto run = [&](std::uint64_t first, auto&& meanwhile) {
        std::atomic<bool> stop{false};
        std::jthread writer{[&] { times = logs.sign_up(first, stop); }};
        seconds = seconds_of(meanwhile);
        stop = true;
        writer.join();
        return p99(times);
    };
    const double alone =
        run(10'000'000, [] { std::this_thread::sleep_for(std::chrono::seconds{2}); });
    const double meanwhile = run(20'000'000, [&] { static_cast<void>(logs.expire(ignored)); });
    return fmt::format(
        "p99 of a synced commit {:.0f} us alone, {:.0f} us while {} logs expire in {:.1f} s", alone,
        meanwhile, count, seconds);
}

}  // namespace

Result retention(const Sizes& sizes) {
    const auto count =
        std::max<std::uint64_t>(2000, static_cast<std::uint64_t>(1'000'000 * sizes.scale));
    // Each round makes its logs anew.
    const Sizes fewer{.rounds = std::min<std::uint64_t>(sizes.rounds, 3), .scale = sizes.scale};
    const Place place;
    Logs ours{place / "amphora"};
    RawLogs raw{place / "rocksdb"};
    double documents_a_commit = 0;
    Result result = compare(
        "retention", "documents/s", fewer,
        [&] {
            ours.fill(count);
            return ours.expire(documents_a_commit);
        },
        {},
        [&] {
            raw.fill(count);
            return raw.erase(count, documents_a_commit);
        });
    result.note =
        fmt::format("limit: RocksDB with its log deletes them by known keys, {:.0f} in a batch; {}",
                    documents_a_commit, latencies(ours, count));
    return result;
}

}  // namespace amphora::versus

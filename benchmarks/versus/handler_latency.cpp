// What: events one after another, each of which a handler must have had before the next; and how long
// after the return of its commit the handler gets it.
// Why: a consumer is used where others would call a function in the same commit. It should not feel
// slower.
// The limit commits the same events, synced, and nobody hears of them.

#include "versus/place.hpp"
#include "versus/workload.hpp"

#include <amphora/amphora.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace amphora::versus {

namespace {

using Clock = std::chrono::steady_clock;

constexpr Schema schema{"latency", R"sql(
CREATE TABLE handled (number BIGINT PRIMARY KEY);
)sql"};

Database open_database(const std::string& path) {
    Options options;
    options.profile = Profile::desktop;
    return Database::open(path, schema, options);
}

/// A database with a consumer of the topic "step".
class Handled {
  public:
    Handled(const std::string& path, bool prompt) : database_{open_database(path)} {
        ConsumerOptions options;
        options.prompt = prompt;
        consumer_.emplace(database_.consume(
            "steps", topics("step"),
            [this](Transaction&, const Change& change) {
                const auto now = Clock::now();
                const std::lock_guard lock{mutex_};
                last_ = change.payload().find("number")->as_int64().value();
                at_ = now;
                changed_.notify_all();
            },
            options));
    }

    /// Returns when the handler has had the event: how long that was after its commit, in µs.
    double step(Durability durability) {
        const std::int64_t number = ++number_;
        database_.write(
            [&](Transaction& tx) {
                tx.publish("step", {{"number", number}});
            },
            {.durability = durability});
        const auto returned = Clock::now();
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return last_ >= number; });
        return std::max(0.0, std::chrono::duration<double, std::micro>(at_ - returned).count());
    }

    /// In words, of steps with a pause before each.
    std::string latencies(Durability durability, std::uint64_t count) {
        std::vector<double> times;
        for (std::uint64_t i = 0; i < count; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds{2});
            times.push_back(step(durability));
        }
        std::ranges::sort(times);
        return fmt::format("p50 {:.0f} us, p99 {:.0f} us", times[times.size() / 2],
                           times[times.size() * 99 / 100]);
    }

  private:
    Database database_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::int64_t number_ = 0;
    std::int64_t last_ = 0;
    Clock::time_point at_;
    std::optional<Subscription> consumer_;  // ends before what its handler uses
};

}  // namespace

Result handler_latency(const Sizes& sizes) {
    const auto count = std::max<std::uint64_t>(20, static_cast<std::uint64_t>(1000 * sizes.scale));
    const Place place;
    Handled usual{place / "usual", false};
    Handled prompt{place / "prompt", true};
    Database silent = open_database(place / "silent");
    const auto steps = static_cast<double>(count);
    Result result = compare(
        "handler-latency", "events/s", sizes,
        [&] {
            return Sample{steps / seconds_of([&] {
                              for (std::uint64_t i = 0; i < count; ++i) {
                                  usual.step(Durability::synced);
                              }
                          }),
                          0};
        },
        {},
        [&] {
            return Sample{
                steps / seconds_of([&] {
                    for (std::uint64_t i = 0; i < count; ++i) {
                        silent.write([&](Transaction& tx) {
                            tx.publish("step", {{"number", static_cast<std::int64_t>(i)}});
                        });
                    }
                }),
                0};
        });
    result.note = fmt::format(
        "limit: synced commits that nobody hears of; from the return of a commit to its handler: "
        "synced {}; written {}; written and a prompt consumer {}",
        usual.latencies(Durability::synced, count), usual.latencies(Durability::written, count),
        prompt.latencies(Durability::written, count));
    return result;
}

}  // namespace amphora::versus

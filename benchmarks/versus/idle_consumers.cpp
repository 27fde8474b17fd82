// What: sign-ups while ten consumers select nothing of them: commits in each second of processor time.
// Why: a consumer that has nothing to do must cost next to nothing.
// The limit is the same without consumers.

#include "versus/place.hpp"
#include "versus/signups.hpp"
#include "versus/workload.hpp"

#include <amphora/amphora.hpp>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

namespace amphora::versus {

namespace {

constexpr int consumers = 10;
constexpr std::uint64_t rounds = 15;

/// Of all threads of the process.
double processor_seconds() {
    std::timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

class Measured {
  public:
    explicit Measured(const std::string& path) : signups_{path, Durability::written} {}

    Sample run(std::uint64_t count) {
        const double before = processor_seconds();
        static_cast<void>(signups_.run(next_, count, 1));
        next_ += count;
        const Commit last = signups_.database().snapshot().commit_seen();
        signups_.database().sync(last);
        for (const Subscription& idle : idle_) static_cast<void>(idle.await(last));
        return {static_cast<double>(count) / (processor_seconds() - before), 0};
    }
    void add_consumers() {
        for (int number = 0; number < consumers; ++number) {
            idle_.push_back(signups_.database().consume("idle " + std::to_string(number),
                                                        topics("nothing"),
                                                        [](Transaction&, const Change&) {}));
        }
    }

  private:
    AmphoraSignups signups_;
    std::vector<Subscription> idle_;
    std::uint64_t next_ = 0;
};

}  // namespace

Result commit_with_idle_consumers(const Sizes& sizes) {
    const auto commits =
        std::max<std::uint64_t>(500, static_cast<std::uint64_t>(20'000 * sizes.scale));
    const Place place;
    Measured with{place / "with"};
    Measured without{place / "without"};
    with.add_consumers();
    Sizes more = sizes;
    if (sizes.rounds == Sizes{}.rounds) more.rounds = rounds;
    Result result = compare(
        "commit-with-idle-consumers", "commits a processor second", more,
        [&] { return with.run(commits); }, {}, [&] { return without.run(commits); });
    result.note = "limit: without consumers";
    return result;
}

}  // namespace amphora::versus

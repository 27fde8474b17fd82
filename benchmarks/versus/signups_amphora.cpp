#include "mission.hpp"
#include "versus/signups.hpp"

#include <algorithm>
#include <mutex>
#include <thread>

namespace amphora::versus {

Person::Person(std::uint64_t number) {
    // Scattered, as real addresses are: users who sign up one after another are not neighbours in
    // the indexes.
    const std::uint64_t scattered = number * 0x9e3779b97f4a7c15ull;
    name = "Person " + std::to_string(number);
    email = std::to_string(scattered) + "@example.com";
    phone = "+" + std::to_string(scattered % 1'000'000'000'000'000'000ull);
}

namespace {

Options options_of(Durability durability) {
    Options options;
    options.profile = Profile::bench;
    options.memory_bytes = cache_bytes;
    options.durability = durability;
    return options;
}

}  // namespace

AmphoraSignups::AmphoraSignups(const std::string& directory, Durability durability)
    : database_{Database::open(directory, mission::schema, options_of(durability))} {}

void AmphoraSignups::sign_up(std::uint64_t number) {
    const Person person{number};
    database_.write([&](Transaction& tx) {
        const auto user =
            tx.insert(mission::users,
                      {.name = person.name, .email = person.email, .phone_num = person.phone});
        tx.insert(mission::activity_logs,
                  {{"user_id", user.user_id}, {"event", "signup"}, {"source", "benchmark"}});
    });
}

Sample AmphoraSignups::run(std::uint64_t first, std::uint64_t count, unsigned threads) {
    double acknowledged = 0;
    const double all = seconds_of([&] {
        acknowledged = seconds_of([&] {
            std::vector<std::jthread> workers;
            for (unsigned thread = 0; thread < threads; ++thread) {
                workers.emplace_back([&, thread] {
                    for (std::uint64_t number = thread; number < count; number += threads) {
                        sign_up(first + number);
                    }
                });
            }
        });
        // An empty snapshot names the last commit; both trees must have it.
        database_.wait(database_.snapshot().commit_seen());
    });
    return {static_cast<double>(count) / all, static_cast<double>(count) / acknowledged};
}

std::uint64_t AmphoraSignups::journal_bytes_a_commit() const {
    const JournalReport journal = database_.statistics().journal;
    return journal.bytes_written / std::max<std::uint64_t>(1, journal.commits);
}

}  // namespace amphora::versus

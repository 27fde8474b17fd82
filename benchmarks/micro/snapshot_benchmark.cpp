// What: taking a snapshot and releasing it, with and without a thread that commits.
// Why: an application takes one for each request. It must cost the same for a database of any size,
// and writers must not make readers wait.

#include "micro/cost.hpp"
#include "micro/users.hpp"

#include <thread>

namespace amphora::micro {
namespace {

void take_snapshots(benchmark::State& state, const Database& database) {
    for (auto _ : state) benchmark::DoNotOptimize(database.snapshot().commit_seen());
    report_each(state, 1);
}

void snapshot_quiet(benchmark::State& state) {
    Users users;
    users.add(static_cast<std::uint64_t>(state.range(0)), Durability::written);
    users.database().wait(users.database().snapshot().commit_seen());
    take_snapshots(state, users.database());
}
BENCHMARK(snapshot_quiet)->ArgName("rows")->Arg(1'000)->Arg(10'000);

void snapshot_while_writing(benchmark::State& state) {
    Users users;
    users.add(static_cast<std::uint64_t>(state.range(0)), Durability::written);
    const std::jthread writer{[&](const std::stop_token& stop) {
        while (!stop.stop_requested()) users.add(1, Durability::written);
    }};
    take_snapshots(state, users.database());
}
BENCHMARK(snapshot_while_writing)->ArgName("rows")->Arg(1'000)->Arg(10'000)->UseRealTime();

}  // namespace
}  // namespace amphora::micro

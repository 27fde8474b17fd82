// What: a commit of one, of ten and of a hundred rows, each with two unique indexes, at each
// durability.
// Why: the ratio between the fixed cost of a commit and the cost of its contents decides how large
// callers should make their transactions. Delivery runs meanwhile, and is part of the cost.

#include "micro/cost.hpp"
#include "micro/users.hpp"

namespace amphora::micro {
namespace {

void commit(benchmark::State& state, Durability durability) {
    const auto rows = static_cast<std::uint64_t>(state.range(0));
    Users users;
    users.add(1'000, durability);
    for (auto _ : state) users.add(rows, durability);
    report_each(state, rows);
}
BENCHMARK_CAPTURE(commit, buffered, Durability::buffered)
    ->ArgName("rows")
    ->Arg(1)
    ->Arg(10)
    ->Arg(100)
    ->UseRealTime();
BENCHMARK_CAPTURE(commit, written, Durability::written)
    ->ArgName("rows")
    ->Arg(1)
    ->Arg(10)
    ->Arg(100)
    ->UseRealTime();
BENCHMARK_CAPTURE(commit, synced, Durability::synced)
    ->ArgName("rows")
    ->Arg(1)
    ->Arg(10)
    ->Arg(100)
    ->UseRealTime();

}  // namespace
}  // namespace amphora::micro

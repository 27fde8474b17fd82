// What: filling a pending table, searching it for a key that is in it and for one that is not, and
// walking it in order.
// Why: each change of each commit is inserted while its writer has the turn, and each look-up
// asks every table that is not delivered yet. The index must answer nearly all of these questions
// without a search of the list.

#include "micro/cost.hpp"
#include "outbox/pending_table.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace amphora::micro {
namespace {

using outbox::KeyIndex;
using outbox::PendingTable;
using outbox::SkipList;

constexpr std::size_t value_bytes = 40;

std::vector<Buffer> keys_from(std::uint64_t first, std::uint64_t count) {
    std::vector<Buffer> keys;
    keys.reserve(count);
    for (std::uint64_t i = first; i < first + count; ++i) {
        Buffer key{"\0\0\0\x10", 4};
        for (int shift = 56; shift >= 0; shift -= 8) {
            key += static_cast<char>(scattered(i) >> shift & 0xff);
        }
        keys.push_back(std::move(key));
    }
    return keys;
}

std::unique_ptr<PendingTable> empty_table() {
    return std::make_unique<PendingTable>(Sequence{}, 1u << 20,
                                          std::make_shared<outbox::MemoryCount>());
}

void fill(PendingTable& table, const std::vector<Buffer>& keys) {
    const std::string value(value_bytes, 'v');
    std::uint64_t sequence = 0;
    for (const Buffer& key : keys) {
        table.reserve(key.size() + value.size(), 1);
        SkipList::Finger finger;  // each is a commit
        table.insert(key, Sequence{++sequence}, value, finger);
    }
}

void pending_insert(benchmark::State& state) {
    const auto keys = keys_from(0, static_cast<std::uint64_t>(state.range(0)));
    for (auto _ : state) {
        const auto table = empty_table();
        fill(*table, keys);
    }
    report_each(state, keys.size());
}
BENCHMARK(pending_insert)->ArgName("keys")->Arg(10'000)->Arg(100'000);

/// Asks a full table for keys of which it holds all or none.
template <class Find>
void ask(benchmark::State& state, std::uint64_t first_sought, Find&& find) {
    const auto count = static_cast<std::uint64_t>(state.range(0));
    const auto table = empty_table();
    fill(*table, keys_from(0, count));
    const auto sought = keys_from(first_sought, count);
    for (auto _ : state) {
        for (const Buffer& key : sought) benchmark::DoNotOptimize(find(*table, key));
    }
    report_each(state, count);
}

constexpr Sequence newest = PendingTable::unsealed;

void pending_find(benchmark::State& state) {
    ask(state, 0, [](const PendingTable& table, Bytes key) {
        return table.find(key, KeyIndex::hash(key), newest);
    });
}
BENCHMARK(pending_find)->ArgName("keys")->Arg(10'000)->Arg(100'000);

void pending_find_absent(benchmark::State& state) {
    ask(state, 1'000'000, [](const PendingTable& table, Bytes key) {
        return table.find(key, KeyIndex::hash(key), newest);
    });
}
BENCHMARK(pending_find_absent)->ArgName("keys")->Arg(10'000)->Arg(100'000);

// The same by a search of the list, to show what the index saves.
void pending_find_absent_in_list(benchmark::State& state) {
    ask(state, 1'000'000, [](const PendingTable& table, Bytes key) {
        return table.list().find(key, number(newest));
    });
}
BENCHMARK(pending_find_absent_in_list)->ArgName("keys")->Arg(10'000)->Arg(100'000);

void pending_walk(benchmark::State& state) {
    const auto count = static_cast<std::uint64_t>(state.range(0));
    const auto table = empty_table();
    fill(*table, keys_from(0, count));
    for (auto _ : state) {
        outbox::SkipCursor cursor{table->list(), number(newest)};
        std::uint64_t bytes = 0;
        for (cursor.seek_first(); cursor.version() != nullptr; cursor.next()) {
            bytes += cursor.version()->value().size();
        }
        benchmark::DoNotOptimize(bytes);
    }
    report_each(state, count);
}
BENCHMARK(pending_walk)->ArgName("keys")->Arg(10'000)->Arg(100'000);

}  // namespace
}  // namespace amphora::micro

// What: writing and reading keys: of one BIGINT, of a text and a BIGINT, of one DECIMAL, and of one
// too long for a tree, which is hashed.
// Why: every look-up writes a key and every step of an index scan reads one; at ten times the size,
// of the tuple or of the text, the price must grow no faster than the bytes.

#include "codec/key/ordered_key.hpp"
#include "micro/cost.hpp"

#include <string>

namespace amphora::micro {
namespace {

using codec::KeyReader;
using codec::KeyWriter;

constexpr std::size_t key_bytes_max = 511;  // LMDB's

void write_bigints(KeyWriter& key, std::int64_t count, std::uint64_t seed) {
    key.restart(space_first_free);
    for (std::int64_t i = 0; i < count; ++i) {
        key.integer(static_cast<std::int64_t>(scattered(seed + static_cast<std::uint64_t>(i))) >>
                    24);
    }
}

void write_decimals(KeyWriter& key, std::int64_t count, std::uint64_t seed) {
    key.restart(space_first_free);
    for (std::int64_t i = 0; i < count; ++i) {
        key.decimal(
            {static_cast<std::int64_t>(scattered(seed + static_cast<std::uint64_t>(i)) >> 34), 6});
    }
}

void write_text_and_bigint(KeyWriter& key, Bytes text, std::uint64_t seed) {
    key.restart(space_first_free);
    key.text(text).integer(static_cast<std::int64_t>(scattered(seed)) >> 24);
}

void read_cells(benchmark::State& state, Bytes bytes) {
    for (auto _ : state) {
        KeyReader key{bytes};
        while (key.next()) benchmark::DoNotOptimize(key.cell());
    }
}

void key_bigint_write(benchmark::State& state) {
    KeyWriter key{space_first_free};
    std::uint64_t seed = 0;
    for (auto _ : state) {
        write_bigints(key, state.range(0), ++seed);
        benchmark::DoNotOptimize(key.bytes().data());
    }
    report_each(state, static_cast<std::uint64_t>(state.range(0)));
}
BENCHMARK(key_bigint_write)->ArgName("columns")->Arg(1)->Arg(10);

void key_bigint_read(benchmark::State& state) {
    KeyWriter key{space_first_free};
    write_bigints(key, state.range(0), 7);
    read_cells(state, key.bytes());
    report_each(state, static_cast<std::uint64_t>(state.range(0)));
}
BENCHMARK(key_bigint_read)->ArgName("columns")->Arg(1)->Arg(10);

void key_text_bigint_write(benchmark::State& state) {
    KeyWriter key{space_first_free};
    const std::string text(static_cast<std::size_t>(state.range(0)), 'k');
    std::uint64_t seed = 0;
    for (auto _ : state) {
        write_text_and_bigint(key, text, ++seed);
        benchmark::DoNotOptimize(key.bytes().data());
    }
    report_each(state, 1);
}
BENCHMARK(key_text_bigint_write)->ArgName("text_bytes")->Arg(20)->Arg(200);

void key_text_bigint_read(benchmark::State& state) {
    KeyWriter key{space_first_free};
    write_text_and_bigint(key, std::string(static_cast<std::size_t>(state.range(0)), 'k'), 7);
    read_cells(state, key.bytes());
    report_each(state, 1);
}
BENCHMARK(key_text_bigint_read)->ArgName("text_bytes")->Arg(20)->Arg(200);

void key_decimal_write(benchmark::State& state) {
    KeyWriter key{space_first_free};
    std::uint64_t seed = 0;
    for (auto _ : state) {
        write_decimals(key, state.range(0), ++seed);
        benchmark::DoNotOptimize(key.bytes().data());
    }
    report_each(state, static_cast<std::uint64_t>(state.range(0)));
}
BENCHMARK(key_decimal_write)->ArgName("columns")->Arg(1)->Arg(10);

void key_decimal_read(benchmark::State& state) {
    KeyWriter key{space_first_free};
    write_decimals(key, state.range(0), 7);
    read_cells(state, key.bytes());
    report_each(state, static_cast<std::uint64_t>(state.range(0)));
}
BENCHMARK(key_decimal_read)->ArgName("columns")->Arg(1)->Arg(10);

void key_hashed_write(benchmark::State& state) {
    KeyWriter key{space_first_free};
    const std::string text(static_cast<std::size_t>(state.range(0)), 'k');
    std::uint64_t seed = 0;
    for (auto _ : state) {
        write_text_and_bigint(key, text, ++seed);
        Buffer stored = key.take();
        benchmark::DoNotOptimize(codec::limit_key(stored, key_bytes_max));
    }
    report_each(state, 1);
}
BENCHMARK(key_hashed_write)->ArgName("text_bytes")->Arg(2'000)->Arg(20'000);

}  // namespace
}  // namespace amphora::micro

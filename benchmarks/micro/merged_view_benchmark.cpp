// What: finding rows, and walking all of them, where some are in tables that are not delivered yet:
// none, one or four tables over the relational tree, and a write set over them.
// Why: a reader never waits for a relay, and pays with the merge; this cost must depend on the
// number of tables, which is small, and not on their contents.

#include "micro/cost.hpp"
#include "outbox/outbox.hpp"
#include "support/fake_journal.hpp"
#include "support/memory_tree.hpp"
#include "transaction/engine.hpp"
#include "tree/lmdb/lmdb_tree.hpp"
#include "versus/place.hpp"

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

namespace amphora::micro {
namespace {

constexpr std::size_t value_bytes = 100;
constexpr TreeId rows_tree = TreeId::relational;

Buffer key_of(std::uint64_t row) {
    Buffer key{"\0\0\0\x10", 4};
    for (int shift = 56; shift >= 0; shift -= 8) key += static_cast<char>(row >> shift & 0xff);
    return key;
}

/// Rows in LMDB, and over them tables that each hold a tenth of the rows. Only the rows are
/// delivered: the journal, a fake in memory, never reports the rest as durable.
class Layers {
  public:
    Layers(std::uint64_t rows, std::int64_t tables) : rows_{rows} {
        outbox_->recover();
        commit(0, 1, rows);
        journal_.await_durable(outbox_->published());
        if (!outbox_->await_delivered(rows_tree, outbox_->published(),
                                      Deadline{std::chrono::milliseconds{60'000}})) {
            throw std::runtime_error{"the rows were not delivered"};
        }
        journal_.hold_syncs();
        for (std::int64_t table = 0; table < tables; ++table) {
            commit(static_cast<std::uint64_t>(table), 10, rows / 10);
        }
    }
    ~Layers() { journal_.release_syncs(); }
    Layers(const Layers&) = delete;
    Layers& operator=(const Layers&) = delete;

    [[nodiscard]] transaction::Engine& engine() { return *engine_; }
    /// As many keys as there are rows, drawn from all of them.
    [[nodiscard]] std::vector<Buffer> keys() const {
        std::vector<Buffer> keys;
        keys.reserve(rows_);
        for (std::uint64_t i = 0; i < rows_; ++i) keys.push_back(key_of(scattered(i) % rows_));
        return keys;
    }
    [[nodiscard]] std::unique_ptr<transaction::WriteTransaction> begin() {
        return engine_->begin({.durability = Durability::written});
    }
    static void put(transaction::Writing& writing, std::uint64_t first, std::uint64_t step,
                    std::uint64_t count) {
        const std::string value(value_bytes, 'v');
        for (std::uint64_t i = 0; i < count; ++i) {
            writing.put(rows_tree, key_of(first + i * step), value);
        }
    }

  private:
    void commit(std::uint64_t first, std::uint64_t step, std::uint64_t count) {
        auto writing = begin();
        put(*writing, first, step, count);
        engine_->commit(std::move(writing));
    }
    /// One commit fills a table.
    [[nodiscard]] static outbox::OutboxOptions options_for(std::uint64_t rows) {
        outbox::OutboxOptions options;
        options.seal_bytes = rows / 10 * value_bytes;
        options.seal_age_ms = 3'600'000;
        options.hold_idle_ms = 3'600'000;
        return options;
    }

    const std::uint64_t rows_;
    const versus::Place place_;
    support::FakeJournal journal_;
    const std::unique_ptr<tree::Tree> relational_ =
        lmdb::open_lmdb(place_ / "rows", {}, tree::OpenMode::create);
    support::MemoryTree documents_;
    const std::unique_ptr<outbox::Outbox> outbox_ = std::make_unique<outbox::Outbox>(
        journal_, *relational_, documents_, options_for(rows_), Log{});
    const std::unique_ptr<transaction::Engine> engine_ =
        std::make_unique<transaction::Engine>(*outbox_, transaction::EngineOptions{});
};

void rows_and_tables(benchmark::internal::Benchmark* benchmark) {
    benchmark->ArgNames({"rows", "tables"})->ArgsProduct({{10'000, 100'000}, {0, 1, 4}});
}

void view_find(benchmark::State& state) {
    const auto rows = static_cast<std::uint64_t>(state.range(0));
    Layers layers{rows, state.range(1)};
    const auto keys = layers.keys();
    const auto snapshot = layers.engine().snapshot();
    Buffer scratch;
    for (auto _ : state) {
        for (const Buffer& key : keys) {
            if (!snapshot->find(rows_tree, key, scratch)) state.SkipWithError("a row is missing");
        }
    }
    report_each(state, rows);
}
BENCHMARK(view_find)->Apply(rows_and_tables);

void view_walk(benchmark::State& state) {
    const auto rows = static_cast<std::uint64_t>(state.range(0));
    Layers layers{rows, state.range(1)};
    const auto writing = layers.begin();
    Layers::put(*writing, 5, 10, rows / 10);
    for (auto _ : state) {
        const auto cursor = writing->cursor(rows_tree, key_of(0), key_of(rows));
        std::uint64_t seen = 0;
        for (cursor->seek_first(); cursor->valid(); cursor->next()) {
            benchmark::DoNotOptimize(cursor->value().data());
            ++seen;
        }
        if (seen != rows) state.SkipWithError("a row is missing");
    }
    report_each(state, rows);
}
BENCHMARK(view_walk)->Apply(rows_and_tables);

}  // namespace
}  // namespace amphora::micro

#pragma once

#include "tree/lmdb/lmdb_tree.hpp"
#include "tree/rocks/rocks_tree.hpp"
#include "tree/tree.hpp"

#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the tests of both trees share with the program that they kill.
namespace amphora::tree::testing {

enum class Kind : std::uint8_t { lmdb, rocks };

inline std::string_view to_string(Kind kind) {
    return kind == Kind::lmdb ? "lmdb" : "rocks";
}

inline Identity identity_of(std::uint8_t database, std::uint8_t timeline = 1) {
    Identity identity;
    identity.database.bytes.fill(database);
    identity.timeline.bytes.fill(timeline);
    return identity;
}

/// Memtables of a few kilobytes, so that flushes and compactions happen all the time.
inline rocks::RocksOptions restless_rocks() {
    rocks::RocksOptions options = rocks::rocks_profile(rocks::RocksProfile::edge);
    options.memtable_bytes = 64 << 10;
    options.table_bytes = 64 << 10;
    options.reserve_bytes = 1 << 20;
    options.retry_ms_min = 1;
    options.retry_ms_max = 20;
    return options;
}

inline lmdb::LmdbOptions small_lmdb() {
    lmdb::LmdbOptions options;
    options.map_bytes = 1ull << 30;
    options.reserve_bytes = 1 << 20;
    return options;
}

inline std::unique_ptr<Tree> open_tree(Kind kind, const std::string& directory, OpenMode mode,
                                       const Identity& identity = identity_of(7)) {
    return kind == Kind::lmdb ? lmdb::open_lmdb(directory, identity, mode, small_lmdb())
                              : rocks::open_rocks(directory, identity, mode, restless_rocks());
}

inline Mark mark_at(std::uint64_t sequence) {
    if (sequence == 0) return {};
    return {.epoch = Epoch{3}, .sequence = Sequence{sequence}, .chain = sequence * 1000003};
}

/// Contents as a plain map.
using Model = std::map<Buffer, Buffer>;

/// Changes that own their bytes.
class Batch {
  public:
    Batch& put(Buffer key, Buffer value) {
        changes_[std::move(key)] = std::move(value);
        return *this;
    }
    Batch& erase(Buffer key) {
        changes_[std::move(key)] = std::nullopt;
        return *this;
    }
    [[nodiscard]] std::vector<Change> changes() const {
        std::vector<Change> all;
        for (const auto& [key, value] : changes_) {
            all.push_back(
                {.key = key, .value = value ? std::optional<Bytes>(*value) : std::nullopt});
        }
        return all;
    }
    void fold_into(Model& model) const {
        for (const auto& [key, value] : changes_) {
            if (value) {
                model[key] = *value;
            } else {
                model.erase(key);
            }
        }
    }
    [[nodiscard]] bool empty() const { return changes_.empty(); }

  private:
    std::map<Buffer, std::optional<Buffer>> changes_;
};

inline void apply(Tree& tree, const Batch& batch, std::uint64_t sequence) {
    tree.apply(batch.changes(), mark_at(sequence));
}

/// A key in the engine's form: a space, then the rest.
inline Buffer key_in(std::uint32_t space, std::string_view rest) {
    Buffer key;
    for (int shift = 24; shift >= 0; shift -= 8) key += static_cast<char>(space >> shift & 0xFF);
    return key.append(rest);
}

/// A small generator with repeatable results (splitmix64), so that parent and victim draw the same
/// numbers.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : state_{seed} {}
    std::uint64_t roll() {
        std::uint64_t z = state_ += 0x9E3779B97F4A7C15ull;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
        return z ^ (z >> 31);
    }
    std::uint64_t below(std::uint64_t bound) { return roll() % bound; }

  private:
    std::uint64_t state_;
};

inline std::uint64_t seed_from_environment() {
    const char* text = std::getenv("AMPHORA_SEED");
    return text == nullptr ? 20240229 : std::strtoull(text, nullptr, 10);
}
inline std::uint64_t scale_from_environment() {
    const char* text = std::getenv("AMPHORA_TEST_SCALE");
    return text == nullptr ? 1 : std::max<std::uint64_t>(1, std::strtoull(text, nullptr, 10));
}

/// The batch of `sequence` in a run with `seed`: mostly small values, some larger than a page, a
/// quarter removals, in three spaces.
inline Batch random_batch(std::uint64_t seed, std::uint64_t sequence,
                          std::uint64_t changes_max = 60) {
    Dice dice(seed * 1000003 + sequence);
    Batch batch;
    const std::uint64_t changes = 1 + dice.below(dice.below(2) == 0 ? 4 : changes_max);
    for (std::uint64_t i = 0; i < changes; ++i) {
        const auto space = static_cast<std::uint32_t>(16 + dice.below(3));
        Buffer key = key_in(space, std::to_string(dice.below(3000)));
        if (dice.below(4) == 0) {
            batch.erase(std::move(key));
            continue;
        }
        const std::uint64_t length = dice.below(40) == 0 ? dice.below(9000) : dice.below(200);
        Buffer value = std::to_string(sequence) + ":";
        value.resize(value.size() + length, static_cast<char>('a' + dice.below(26)));
        batch.put(std::move(key), std::move(value));
    }
    return batch;
}

inline Model contents(const ReadView& view) {
    Model model;
    const std::unique_ptr<Cursor> cursor = view.cursor();
    for (cursor->seek({}); cursor->valid(); cursor->next()) {
        model.emplace(cursor->key(), cursor->value());
    }
    return model;
}

class CollectedFindings final : public Tree::Findings {
  public:
    void report(std::string what) override { all.push_back(std::move(what)); }
    std::vector<std::string> all;
};

inline std::vector<std::string> check(Tree& tree) {
    CollectedFindings findings;
    tree.check(findings);
    return findings.all;
}

}  // namespace amphora::tree::testing

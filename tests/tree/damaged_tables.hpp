#pragma once

#include "tree/mark_record.hpp"
#include "tree/tree_fixture.hpp"

#include <algorithm>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

/// Document trees of several shapes, damage to their table files, and the results that readers may
/// then get.
namespace amphora::tree::testing {

/// Table files of about four blocks, and levels of a few files: a small tree has several of each.
inline rocks::RocksOptions many_small_tables() {
    rocks::RocksOptions options = restless_rocks();
    options.table_bytes = 24 << 10;
    return options;
}

enum class TreeShape : std::uint8_t {
    one_level,       ///< one level of several files
    level_zero,      ///< files that overlap each other
    several_levels,  ///< both, with newer versions and removals above older ones
};
inline constexpr std::size_t tree_shapes = 3;

inline std::string to_string(TreeShape shape) {
    constexpr const char* names[] = {"one_level", "level_zero", "several_levels"};
    return names[static_cast<std::size_t>(shape)];
}

/// A tree on the disk, closed, and what it holds.
class ShapedTree {
  public:
    ShapedTree(const std::string& directory, TreeShape shape, std::uint64_t seed)
        : directory_{directory}, dice_{seed} {
        tree_ =
            rocks::open_rocks(directory_, identity_of(7), OpenMode::create, many_small_tables());
        if (shape != TreeShape::level_zero) {
            for (int i = 0; i < 4; ++i) deliver(700, 0);
            tree_->compact();
        }
        if (shape != TreeShape::one_level) {
            for (int i = 0; i < 3; ++i) {
                deliver(shape == TreeShape::level_zero ? 500 : 150, 5);
                tree_->hold();
            }
        }
        tree_.reset();
        for (const auto& entry : std::filesystem::directory_iterator{directory_}) {
            if (entry.path().extension() == ".sst") tables_.push_back(entry.path());
        }
        std::ranges::sort(tables_);
    }

    [[nodiscard]] const std::string& directory() const noexcept { return directory_; }
    [[nodiscard]] const Model& model() const noexcept { return model_; }
    [[nodiscard]] const std::vector<std::string>& tables() const noexcept { return tables_; }

  private:
    /// `removed_of_ten`: how many of ten changes to existing keys are removals.
    void deliver(int changes, std::uint64_t removed_of_ten) {
        Batch batch;
        for (int i = 0; i < changes; ++i) {
            const auto space = static_cast<std::uint32_t>(16 + dice_.below(2));
            Buffer key = key_in(space, std::to_string(10'000 + dice_.below(4000)));
            if (model_.contains(key) && dice_.below(10) < removed_of_ten) {
                batch.erase(std::move(key));
                continue;
            }
            Buffer value(40 + dice_.below(100), '\0');
            for (char& byte : value) byte = static_cast<char>(dice_.roll());
            batch.put(std::move(key), std::move(value));
        }
        apply(*tree_, batch, ++sequence_);
        batch.fold_into(model_);
    }

    std::string directory_;
    Dice dice_;
    std::unique_ptr<Tree> tree_;
    std::uint64_t sequence_ = 0;
    Model model_;
    std::vector<std::string> tables_;
};

/// Damages one table file, and repairs it at the end.
class DamagedTable {
  public:
    DamagedTable(std::string path, Dice& dice) : path_{std::move(path)}, bytes_{read_whole(path_)} {
        std::string damaged = bytes_;
        // Half of all damage is to the first block, which is the first in the file's own index.
        constexpr std::size_t block_bytes = 4096;
        offset_ =
            dice.below(dice.below(2) == 0 ? std::min(block_bytes, bytes_.size()) : bytes_.size());
        if (dice.below(4) == 0) {
            const std::size_t length = std::min(block_bytes, bytes_.size() - offset_);
            damaged.replace(offset_, length, length, '\0');
        } else {
            damaged[offset_] = static_cast<char>(damaged[offset_] ^ 1 << dice.below(8));
        }
        write(damaged);
    }
    ~DamagedTable() { write(bytes_); }
    DamagedTable(const DamagedTable&) = delete;
    DamagedTable& operator=(const DamagedTable&) = delete;

    [[nodiscard]] std::string text() const {
        return path_.substr(path_.rfind('/') + 1) + " at " + std::to_string(offset_);
    }

  private:
    void write(const std::string& bytes) const {
        std::ofstream{path_, std::ios::binary | std::ios::trunc} << bytes;
    }

    std::string path_;
    std::string bytes_;
    std::size_t offset_ = 0;
};

/// Compares what a view shows with what was written. Every result is the right one or `corrupt`.
class DamageReader {
  public:
    DamageReader(const ReadView& view, const Model& model, Dice& dice)
        : view_{view}, model_{model}, dice_{dice} {}

    void read_all() {
        const auto cursor = view_.cursor();
        read("forward", [&] {
            cursor->seek({});
            walk_forward(*cursor, model_.begin(), model_.size() + 1);
        });
        // The same cursor, which may have failed.
        for (int i = 0; i < 8; ++i) read("reseek", [&] { seek_and_walk(*cursor); });
        read("backward", [&] {
            cursor->seek_before({});
            walk_backward(*cursor, model_.rbegin(), model_.size() + 1);
        });
        read("forward again", [&] {
            cursor->seek({});
            walk_forward(*cursor, model_.begin(), model_.size() + 1);
        });
        for (int i = 0; i < 8; ++i) {
            const auto fresh = view_.cursor();
            read("seek", [&] { seek_and_walk(*fresh); });
        }
        for (int i = 0; i < 40; ++i) read("find", [&] { find_one(); });
    }

    /// Wrong results without an error.
    [[nodiscard]] const std::vector<std::string>& violations() const noexcept {
        return violations_;
    }
    [[nodiscard]] int errors() const noexcept { return errors_; }

  private:
    template <class Action>
    void read(const char* how, Action&& action) {
        how_ = how;
        try {
            action();
        } catch (const Error& error) {
            ++errors_;
            if (error.code() != ErrorCode::corrupt) wrong(error.what());
        }
    }
    void wrong(const std::string& what) { violations_.push_back(std::string{how_} + ": " + what); }

    template <class Iterator>
    bool fits(const Cursor& cursor, Iterator expected, Iterator end) {
        if (!cursor.valid()) {
            if (expected != end) wrong("ends before " + to_hex(expected->first));
            return false;
        }
        if (expected == end) {
            wrong("does not end, but shows " + to_hex(cursor.key()));
            return false;
        }
        if (cursor.key() == expected->first && cursor.value() == expected->second) return true;
        wrong("shows " + to_hex(cursor.key()) + " instead of " + to_hex(expected->first));
        return false;
    }
    void walk_forward(Cursor& cursor, Model::const_iterator expected, std::size_t steps) {
        for (; steps-- > 0 && fits(cursor, expected, model_.end()); ++expected) cursor.next();
    }
    void walk_backward(Cursor& cursor, Model::const_reverse_iterator expected, std::size_t steps) {
        for (; steps-- > 0 && fits(cursor, expected, model_.rend()); ++expected) cursor.previous();
    }
    void seek_and_walk(Cursor& cursor) {
        const Buffer key = some_key();
        const std::size_t steps = 1 + dice_.below(60);
        if (dice_.below(2) == 0) {
            cursor.seek(key);
            walk_forward(cursor, model_.lower_bound(key), steps);
        } else {
            cursor.seek_before(key);
            walk_backward(cursor, std::make_reverse_iterator(model_.lower_bound(key)), steps);
        }
    }
    void find_one() {
        const Buffer key = some_key();
        Buffer scratch;
        const std::optional<Bytes> found = view_.find(key, scratch);
        const auto expected = model_.find(key);
        const bool right = expected == model_.end() ? !found : found == Bytes{expected->second};
        if (!right) wrong(to_hex(key) + " is another");
    }
    [[nodiscard]] Buffer some_key() {
        return key_in(static_cast<std::uint32_t>(16 + dice_.below(2)),
                      std::to_string(10'000 + dice_.below(4000)));
    }

    const ReadView& view_;
    const Model& model_;
    Dice& dice_;
    const char* how_ = "";
    int errors_ = 0;
    std::vector<std::string> violations_;
};

}  // namespace amphora::tree::testing

#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "tree/tree.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace amphora {

/// Fills a new tree, in sorted batches. Only the last batch has a real mark, so an interrupted
/// repair leaves a tree that is never mistaken for a complete one.
class TreeFiller {
  public:
    explicit TreeFiller(std::unique_ptr<tree::Tree> tree) : tree_{std::move(tree)} {}

    void put(Bytes key, Bytes value) { change(key, Buffer{value}); }
    void erase(Bytes key) { change(key, std::nullopt); }
    void put_if_absent(Bytes key, Bytes value) {
        if (!contains(key)) put(key, value);
    }
    [[nodiscard]] bool contains(Bytes key) const {
        const auto changed = changes_.find(Buffer{key});
        if (changed != changes_.end()) return changed->second.has_value();
        Buffer scratch;
        return tree_->view()->find(key, scratch).has_value();
    }
    /// A view with everything that was put and erased so far.
    [[nodiscard]] std::shared_ptr<const tree::ReadView> view() {
        write({});
        return tree_->view();
    }
    void finish(const Mark& mark) {
        write(mark);
        tree_->hold();
    }

  private:
    static constexpr std::size_t batch_bytes_max = 8u << 20;

    void change(Bytes key, std::optional<Buffer> value) {
        bytes_ += key.size() + (value ? value->size() : 0) + 64;
        changes_.insert_or_assign(Buffer{key}, std::move(value));
        if (bytes_ >= batch_bytes_max) write({});
    }
    void write(const Mark& mark) {
        std::vector<tree::Change> sorted;
        sorted.reserve(changes_.size());
        for (const auto& [key, value] : changes_) {
            sorted.push_back({key, value ? std::optional<Bytes>{*value} : std::nullopt});
        }
        tree_->apply(sorted, mark);
        changes_.clear();
        bytes_ = 0;
    }

    std::unique_ptr<tree::Tree> tree_;
    std::map<Buffer, std::optional<Buffer>> changes_;
    std::size_t bytes_ = 0;
};

}  // namespace amphora

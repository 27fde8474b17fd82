#pragma once

#include "transaction/readers.hpp"
#include "transaction/reading.hpp"
#include "transaction/trees_view.hpp"

#include <memory>

namespace amphora::transaction {

/// Both trees as of one visible commit. Shared by threads.
class Snapshot final : public Reading {
  public:
    struct Age {
        std::shared_ptr<Readers> readers;
        std::uint32_t ms_max = 0;  ///< 0: no limit
    };
    Snapshot(std::shared_ptr<const TreesView> view, Commit commit, Age age)
        : view_{std::move(view)},
          commit_{commit},
          readers_{std::move(age.readers)},
          entry_{*readers_},
          expires_ms_{age.ms_max == 0 ? 0 : entry_.since_ms() + age.ms_max} {}

    [[nodiscard]] std::optional<Bytes> find(TreeId tree, Bytes key, Buffer& scratch) const override;
    [[nodiscard]] std::unique_ptr<Cursor> cursor(TreeId tree, Bytes lower,
                                                 Bytes upper) const override;
    [[nodiscard]] Commit commit_seen() const override { return commit_; }
    [[nodiscard]] bool may_change() const noexcept override { return false; }

  private:
    const std::shared_ptr<const TreesView> view_;
    const Commit commit_;
    const std::shared_ptr<Readers> readers_;  // may outlive the engine with this snapshot
    const Readers::Entry entry_;
    const std::int64_t expires_ms_;
};

}  // namespace amphora::transaction

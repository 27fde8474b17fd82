#pragma once

#include "tree/tree.hpp"

#include <amphora/error.hpp>

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>

namespace amphora::support {

/// A tree that another process writes, as an observer reads it: it shows one view until `show`.
class ShownTree final : public tree::Tree {
  public:
    /// Shows what `owner` shows now.
    explicit ShownTree(tree::Tree& owner) : owner_{owner}, shown_{owner.view()} {}

    [[nodiscard]] std::shared_ptr<const tree::ReadView> take() { return owner_.view(); }
    void show(std::shared_ptr<const tree::ReadView> view) {
        const std::lock_guard lock{mutex_};
        shown_ = std::move(view);
    }

    std::shared_ptr<const tree::ReadView> view() override {
        const std::lock_guard lock{mutex_};
        return shown_;
    }
    void apply(std::span<const tree::Change>, const Mark&) override { hold(); }
    Mark delivered() const override {
        const std::lock_guard lock{mutex_};
        return shown_->mark();
    }
    Mark held() const override { return delivered(); }
    void hold() override { throw Error{ErrorCode::read_only, "another process writes this tree"}; }
    void require_acceptable(Bytes, std::size_t) const override {}
    DiskNeed disk_need(Load) const override { return {}; }
    Room room_for(Load, std::uint64_t) const override { return Room::enough; }
    void reclaim() noexcept override {}
    tree::TreeStatistics statistics() const override { return {}; }
    void compact() override {}
    void copy_to(const std::string&, const Copied&) override { hold(); }
    void check(Findings&) override {}

  private:
    tree::Tree& owner_;
    mutable std::mutex mutex_;
    std::shared_ptr<const tree::ReadView> shown_;
};

}  // namespace amphora::support

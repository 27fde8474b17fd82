#pragma once

#include "outbox/gate.hpp"
#include "outbox/kept.hpp"
#include "outbox/outbox.hpp"
#include "outbox/pending.hpp"
#include "outbox/relay.hpp"

#include <amphora/error.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>

namespace amphora::outbox {

/// The running outbox: one pending, one relay for each tree, one gate.
///
/// outbox.cpp has its ordinary operation. recovery.cpp has the start and the end, which are
/// ordinary steps of the relays over the remaining commits.
class TwoTreeOutbox final : public Outbox {
  public:
    TwoTreeOutbox(journal::Journal& journal, tree::Tree& relational, tree::Tree& documents,
                  const OutboxOptions& options, Log log);
    ~TwoTreeOutbox() override { stop(); }

    void recover() override;
    void close() override;

    Admission admit(Deadline deadline) override {
        require_going();
        return gate_.admit(deadline);
    }
    Admission admission() const noexcept override { return gate_.admission(); }
    void refuse(TreeId tree, const TreeAdmission& admission) const override {
        gate_.refuse(tree, admission);
    }
    Sequence commit(Buffer record, Durability durability) override;
    void accepts(TreeId tree, Bytes key, std::size_t value_bytes) const override {
        trees_[index_of(tree)]->accepts(key, value_bytes);
    }

    std::shared_ptr<const PendingList> pending(TreeId tree) const override {
        return pending_.list(tree);
    }
    std::uint64_t pending_version() const noexcept override { return pending_.version(); }
    std::shared_ptr<const tree::ReadView> view(TreeId tree) override {
        return trees_[index_of(tree)]->view();
    }
    Sequence published() const noexcept override { return pending_.published(); }
    Sequence visible() const noexcept override { return journal_.visible(); }
    void on_delivered(std::function<void()> call) override {
        const std::lock_guard lock{on_delivered_mutex_};
        on_delivered_ = std::move(call);
    }

    void await_visible(Sequence sequence) override { journal_.await_visible(sequence); }
    bool await_delivered(TreeId tree, Sequence sequence, Deadline deadline) override;

    Epoch epoch() const noexcept override { return journal_.recovery().epoch; }
    Commit recovered() const noexcept override { return recovered_; }
    using Outbox::keep_after;
    void keep_after(Keeper keeper, Sequence position) override;
    OutboxStatistics statistics() const override;

  private:
    [[nodiscard]] Relay& relay(TreeId tree) noexcept {
        return tree == TreeId::relational ? relational_ : documents_;
    }
    [[nodiscard]] const Relay& relay(TreeId tree) const noexcept {
        return tree == TreeId::relational ? relational_ : documents_;
    }
    [[nodiscard]] Progress progress(const Relay& relay) const noexcept;
    void require_going() const;
    [[noreturn]] void raise_end(const Relay& relay) const;
    void require_fit(TreeId tree, const Mark& mark) const;
    void after_step();
    void recycle();
    void relieve_journal();
    void wake(const Pending::Effect& effect) noexcept;
    void take_over(const std::array<Mark, trees_count>& marks, Sequence last);
    Epoch refill(TreeId tree, Sequence delivered, Sequence last, std::exception_ptr& lacking);
    void leave_out(TreeId tree, const std::exception_ptr& failure);
    void stop() noexcept;

    const OutboxOptions options_;
    journal::Journal& journal_;
    const std::array<tree::Tree*, trees_count> trees_;
    const Log log_;
    Pending pending_;
    Relay relational_;
    Relay documents_;
    Kept kept_;
    mutable Gate gate_;

    Commit recovered_;
    std::uint64_t replayed_ = 0;
    std::vector<std::string> left_out_;
    std::atomic<bool> is_recovered_{false};

    mutable std::mutex recycling_;
    Sequence recycled_{};
    std::uint64_t relieved_at_bytes_ =
        0;  ///< the live bytes when holding was last requested, or fewer since

    std::mutex on_delivered_mutex_;
    std::function<void()> on_delivered_;
};

}  // namespace amphora::outbox

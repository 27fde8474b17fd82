#pragma once

#include "outbox/outbox.hpp"
#include "transaction/reading.hpp"
#include "transaction/trees_view.hpp"
#include "transaction/turn.hpp"
#include "transaction/write_set.hpp"

#include <amphora/types.hpp>

#include <memory>

namespace amphora::transaction {

/// A write transaction: a view of everything published, a write set, and the writer's turn.
///
/// Invariant: while it lives it has the turn. So nothing is published meanwhile, and only its own
/// writes change what it reads.
class WriteTransaction final : public Writing {
  public:
    struct Start {
        std::shared_ptr<const TreesView> view;
        Commit seen;  ///< the last commit published
        outbox::Admission admission;
        Durability durability = Durability::synced;
        std::uint64_t bytes_max = 0;
        std::shared_ptr<WriteSet> writes;  ///< empty
    };
    /// The caller has the turn, and passes it to this object.
    WriteTransaction(outbox::Outbox& outbox, Turn& turn, Start start);
    ~WriteTransaction() override { give_up_turn(); }

    [[nodiscard]] std::optional<Bytes> find(TreeId tree, Bytes key, Buffer& scratch) const override;
    [[nodiscard]] std::unique_ptr<Cursor> cursor(TreeId tree, Bytes lower,
                                                 Bytes upper) const override;
    [[nodiscard]] Commit commit_seen() const override { return start_.seen; }
    [[nodiscard]] bool may_change() const noexcept override { return true; }

    void put(TreeId tree, Bytes key, Bytes value) override;
    void put_over(TreeId tree, Bytes key, Bytes value, KeptState kept) override;
    void erase(TreeId tree, Bytes key, KeptState kept = {}) override;
    void publish(Bytes event, journal::CommitTags tags) override;
    void set_context(const outbox::Context& context) override;
    [[nodiscard]] Savepoint savepoint() override { return Savepoint{start_.writes->stamp()}; }
    void rollback_to(Savepoint savepoint) noexcept override {
        start_.writes->rollback_to(static_cast<std::uint64_t>(savepoint));
    }
    [[nodiscard]] std::int64_t now_us() const noexcept override { return now_us_; }

    [[nodiscard]] WriteSet& writes() noexcept { return *start_.writes; }
    /// Whether another writer waits for the turn.
    [[nodiscard]] bool is_awaited() const { return turn_.is_awaited(); }
    [[nodiscard]] Durability durability() const noexcept { return start_.durability; }
    /// Ends the turn, so that the next writer can begin. Returns the write set, to be reused.
    std::shared_ptr<WriteSet> give_up_turn() noexcept;

  private:
    void require_admitted(TreeId tree, outbox::Admits needed) const;
    void require_taken(TreeId tree, Bytes key, Bytes value) const;
    [[nodiscard]] std::optional<Bytes> state_to_keep(TreeId tree, Bytes key, KeptState found,
                                                     Buffer& scratch) const;

    outbox::Outbox& outbox_;
    Turn& turn_;
    Start start_;
    const std::int64_t now_us_;
    bool has_turn_ = true;
};

}  // namespace amphora::transaction

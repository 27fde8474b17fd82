#pragma once

#include "outbox/record.hpp"
#include "transaction/reading.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace amphora {

/// Reads through a transaction, and counts writes instead of making them: how large the transaction
/// would become. For statements that do not read what they write.
class MeasuredWriting final : public transaction::Writing {
  public:
    explicit MeasuredWriting(transaction::Writing& writing) : writing_{writing} {}

    /// Keys, values and states before, as `commit_bytes_max` bounds them.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
    /// An upper bound of the commit record, which a journal segment must hold.
    [[nodiscard]] std::uint64_t record_bytes() const noexcept {
        return bytes_ + changes_ * outbox::RecordWriter::change_bytes_max +
               outbox::RecordWriter::frame_bytes_max;
    }

    [[nodiscard]] std::optional<Bytes> find(TreeId tree, Bytes key,
                                            Buffer& scratch) const override {
        return writing_.find(tree, key, scratch);
    }
    [[nodiscard]] std::unique_ptr<transaction::Cursor> cursor(TreeId tree, Bytes lower,
                                                              Bytes upper) const override {
        return writing_.cursor(tree, lower, upper);
    }
    [[nodiscard]] Commit commit_seen() const override { return writing_.commit_seen(); }
    [[nodiscard]] bool may_change() const noexcept override { return writing_.may_change(); }

    void put(TreeId, Bytes key, Bytes value) override { count(key.size() + value.size()); }
    void put_over(TreeId, Bytes key, Bytes value, transaction::KeptState kept) override {
        count(key.size() + value.size() + size(kept));
    }
    void erase(TreeId, Bytes key, transaction::KeptState kept = {}) override {
        count(key.size() + size(kept));
    }
    void publish(Bytes event, journal::CommitTags /*tags*/) override { count(event.size()); }
    void set_context(const outbox::Context& context) override {
        bytes_ += context.origin.size() + context.correlation.size() + context.causation.size() +
                  outbox::RecordWriter::context_bytes_max;
    }
    [[nodiscard]] Savepoint savepoint() override { return Savepoint{0}; }
    void rollback_to(Savepoint) noexcept override {}
    [[nodiscard]] std::int64_t now_us() const noexcept override { return writing_.now_us(); }

  private:
    [[nodiscard]] static std::size_t size(const transaction::KeptState& kept) noexcept {
        return kept ? kept->size() : 0;
    }
    void count(std::uint64_t bytes) noexcept {
        bytes_ += bytes;
        ++changes_;
    }

    transaction::Writing& writing_;
    std::uint64_t bytes_ = 0;
    std::uint64_t changes_ = 0;
};

}  // namespace amphora

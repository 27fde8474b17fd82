#pragma once

#include "database/core.hpp"
#include "database/savepoints.hpp"
#include "transaction/reading.hpp"

#include <atomic>
#include <memory>
#include <utility>

namespace amphora::detail {

/// Throws `invalid_argument`: a range does not keep what it has returned, and a second walk that
/// returned nothing would look like an empty result. `what`: "rows", "documents".
[[noreturn]] void refuse_second_walk(const char* what);

/// What a snapshot or a transaction reads from. Ranges share it, so a range that outlives its
/// transaction throws `transaction_closed` instead of using destroyed memory.
class ReaderState {
  public:
    ReaderState(std::shared_ptr<Core> core, std::shared_ptr<const transaction::Reading> snapshot)
        : core_{std::move(core)},
          schema_{core_->schema},
          snapshot_{std::move(snapshot)},
          reading_{snapshot_.get()} {}
    ReaderState(std::shared_ptr<Core> core, std::unique_ptr<transaction::WriteTransaction> writing)
        : core_{std::move(core)},
          schema_{core_->schema},
          writing_{std::move(writing)},
          reading_{writing_.get()},
          is_transaction_{true} {}

    /// While it lives, this thread is in the transaction, which takes one thread at a time. A
    /// snapshot takes any number. Throws `invalid_argument` if another thread is in the
    /// transaction.
    class Stay {
      public:
        explicit Stay(const ReaderState& state) : state_{state.enter() ? &state : nullptr} {}
        ~Stay() {
            if (state_ != nullptr) state_->thread_.store(nullptr, std::memory_order_release);
        }
        Stay(const Stay&) = delete;
        Stay& operator=(const Stay&) = delete;

      private:
        const ReaderState* state_;  // null: a snapshot, or inside of another Stay
    };

    [[nodiscard]] const stores::BoundSchema& schema() const noexcept { return *schema_; }
    [[nodiscard]] Core& core() const noexcept { return *core_; }

    ~ReaderState() {
        if (core_->process.elsewhere()) [[unlikely]] {
            leave_to_parent();
        }
    }
    ReaderState(const ReaderState&) = delete;
    ReaderState& operator=(const ReaderState&) = delete;

    /// Throws `transaction_closed` once the transaction or the database has ended,
    /// `used_after_fork` in a child process.
    void require_open() const {
        core_->process.check(core_->path);
        if (reading_ == nullptr || !core_->open.load(std::memory_order_acquire)) refuse();
    }
    [[nodiscard]] const transaction::Reading& reading() const {
        require_open();
        return *reading_;
    }
    [[nodiscard]] transaction::Writing& writing() const {
        require_open();
        return *writing_;
    }

    /// The savepoints of the transaction.
    [[nodiscard]] Savepoints& savepoints() noexcept { return savepoints_; }

    /// The transaction is lent to the handler of a consumer, which must not end it.
    void belongs_to_handler(bool lent) noexcept { lent_ = lent; }
    /// Throws `invalid_argument` if the transaction is lent.
    void require_own() const {
        if (lent_) refuse_handler();
    }

    [[nodiscard]] bool is_writing() const noexcept { return writing_ != nullptr; }
    /// Ends the transaction for all objects that share this.
    [[nodiscard]] std::unique_ptr<transaction::WriteTransaction> take_writing() {
        require_open();
        reading_ = nullptr;
        return std::move(writing_);
    }

    void drop_writing() noexcept {
        if (core_->process.elsewhere()) return leave_to_parent();
        reading_ = nullptr;
        writing_.reset();
    }

  private:
    /// True: entered, and must be left.
    [[nodiscard]] bool enter() const {
        if (!is_transaction_) return false;
        static thread_local const char here{};
        const char* inside = nullptr;
        if (thread_.compare_exchange_strong(inside, &here, std::memory_order_acquire)) return true;
        if (inside != &here) [[unlikely]] {
            refuse_second_thread();
        }
        return false;
    }
    [[noreturn]] void refuse() const;
    [[noreturn]] static void refuse_second_thread();
    [[noreturn]] static void refuse_handler();
    void leave_to_parent() noexcept;

    std::shared_ptr<Core> core_;
    const Core::Use use_{*core_};  // destroyed after what is read from
    std::shared_ptr<const stores::BoundSchema> schema_;
    std::shared_ptr<const transaction::Reading> snapshot_;
    std::unique_ptr<transaction::WriteTransaction> writing_;
    Savepoints savepoints_;
    const transaction::Reading* reading_;
    const bool is_transaction_ = false;
    bool lent_ = false;
    mutable std::atomic<const char*> thread_{nullptr};  // the thread that is inside
};

}  // namespace amphora::detail

#pragma once

#include "database/core.hpp"
#include "database/savepoints.hpp"
#include "transaction/reading.hpp"

#include <memory>
#include <utility>

namespace amphora::detail {

/// What a snapshot or a transaction reads from. Ranges share it, so that one that outlives its
/// transaction answers `transaction_closed` instead of looking at what is gone.
class ReaderState {
  public:
    ReaderState(std::shared_ptr<Core> core, std::shared_ptr<const transaction::Reading> snapshot)
        : core_{std::move(core)},
          schema_{core_->schema},
          snapshot_{std::move(snapshot)},
          reading_{snapshot_.get()} {}
    ReaderState(std::shared_ptr<Core> core, std::unique_ptr<transaction::Writing> writing)
        : core_{std::move(core)},
          schema_{core_->schema},
          writing_{std::move(writing)},
          reading_{writing_.get()} {}

    [[nodiscard]] const BoundSchema& schema() const noexcept { return *schema_; }
    [[nodiscard]] Core& core() const noexcept { return *core_; }

    ~ReaderState() {
        if (core_->process.elsewhere()) [[unlikely]]
            leave_to_parent();
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

    /// Of the transaction.
    [[nodiscard]] Savepoints& savepoints() noexcept { return savepoints_; }

    [[nodiscard]] bool is_writing() const noexcept { return writing_ != nullptr; }
    /// Ends the transaction for everybody who shares this.
    [[nodiscard]] std::unique_ptr<transaction::Writing> take_writing() {
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
    [[noreturn]] void refuse() const;
    void leave_to_parent() noexcept;

    std::shared_ptr<Core> core_;
    const Core::Use use_{*core_};  // ends after what is read from
    std::shared_ptr<const BoundSchema> schema_;
    std::shared_ptr<const transaction::Reading> snapshot_;
    std::unique_ptr<transaction::Writing> writing_;
    Savepoints savepoints_;
    const transaction::Reading* reading_;
};

}  // namespace amphora::detail

#pragma once

#include "database/retention/expiry_rule.hpp"
#include "document/query/plan.hpp"
#include "outbox/outbox.hpp"
#include "transaction/engine.hpp"

#include <amphora/error.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace amphora::retention {

/// The origin of every commit that removes expired documents.
inline constexpr std::string_view origin = "amphora.retain";

/// A commit ends with the first of these bounds. It has at least one document.
struct SweepOptions {
    std::uint64_t documents_max = 512;
    std::uint64_t bytes_max = 256u << 10;  ///< of the removed documents
    /// Of the writers' turn. The second is for when another writer waits.
    std::int64_t turn_us_max = 5000;
    std::int64_t awaited_turn_us_max = 300;
};

/// Removes documents in small commits, as any writer: each takes its turn, and between two of them
/// the writers who wait have theirs. Waits while the outbox is half full, so that it does not fill
/// it before others. Used by one thread.
class Sweep {
  public:
    /// All must outlive it. `may_continue` is asked before each commit, and while it waits.
    Sweep(transaction::Engine& engine, outbox::Outbox& outbox, const SweepOptions& options,
          std::function<bool()> may_continue);

    /// Removes the documents of `rest`, which becomes what is left of it. Whether nothing is left.
    /// Throws what a writer is refused at the moment: `outbox_full`, `documents_stalled`,
    /// `disk_full`, `needs_reopen`, `outcome_unknown`, `transaction_closed`, `would_deadlock`,
    /// `io_error`.
    ///
    /// A document that cannot be removed by itself, because it is damaged or because its states
    /// before are larger than a commit, is passed, and `failure` says why.
    [[nodiscard]] bool run(const ExpiryRule& rule, document::KeyRange& rest);

    /// Documents that were removed.
    [[nodiscard]] std::uint64_t removed() const noexcept { return removed_; }
    /// The error of the first document that was passed; none: there was none.
    [[nodiscard]] const std::optional<Error>& failure() const noexcept { return failure_; }

  private:
    [[nodiscard]] bool step(const ExpiryRule& rule, document::KeyRange& rest);
    void await_room();
    void pass(const ExpiryRule& rule, document::KeyRange& rest, const Error& why);

    transaction::Engine& engine_;
    outbox::Outbox& outbox_;
    const SweepOptions options_;
    const std::function<bool()> may_continue_;
    std::uint64_t documents_max_;  ///< less while the disk is nearly full
    std::uint64_t removed_ = 0;
    std::optional<Error> failure_;
};

}  // namespace amphora::retention

#pragma once

#include <cstdint>
#include <vector>

namespace amphora::detail {

/// The savepoints of one transaction to which it can still return.
///
/// Savepoints are numbered from 1 in the order in which they are taken. Returning to number k, or
/// releasing it, ends every later one; releasing ends k, too. Only the ranges that have ended are
/// kept, so a transaction with a million savepoints needs no memory for them.
///
/// Invariant: the ranges are sorted, are not adjacent, and are in [1, taken].
class Savepoints {
  public:
    Savepoints();

    /// Distinguishes this transaction from every other of the process.
    [[nodiscard]] std::uint64_t transaction() const noexcept { return transaction_; }
    /// The number of a new savepoint.
    [[nodiscard]] std::uint64_t take() noexcept { return ++taken_; }
    /// Throws `invalid_argument` for a savepoint of another transaction, and for one that has
    /// ended. `call` is the public function that was called with it.
    void require_alive(std::uint64_t transaction, std::uint64_t number, const char* call) const;
    /// The transaction returns to `number`.
    void end_after(std::uint64_t number);
    /// The transaction releases `number`.
    void end_from(std::uint64_t number) { end_after(number - 1); }

  private:
    struct Range {
        std::uint64_t first, last;
    };
    const std::uint64_t transaction_;
    std::uint64_t taken_ = 0;
    std::vector<Range> ended_;
};

}  // namespace amphora::detail

#pragma once

#include "base/bytes.hpp"
#include "database/observers/observed.hpp"
#include "database/observers/query_result.hpp"
#include "transaction/engine.hpp"
#include "transaction/reading.hpp"

#include <amphora/error.hpp>
#include <amphora/query_observer.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace amphora::detail {

/// A query over one table or collection, and who is told of its result.
struct ObservedSource {
    std::string name;
    SpaceId space{};
    /// Gives each row or document that is selected to `take`, by its stored key and state, until that
    /// returns false.
    using Take = std::function<bool(Bytes key, Bytes state)>;
    std::function<void(const transaction::Reading&, const Take& take)> read;
    std::function<void(const Differences<Bytes>&)> tell;
};

/// A query that is run again after commits that have changed its table or collection.
///
/// Invariant: `told_` is the query as of the commit of the last differences that were told; none
/// before the first ones, and after an error. So every differences are from the former result, and
/// applying all of them gives the newest one.
///
/// No commit is missed: a commit is noted after it is visible, and the note is taken back before the
/// snapshot is taken. So what a snapshot does not show is noted later.
class ObservedQuery final : public Observed {
  public:
    ObservedQuery(transaction::Engine& engine, ObservedSource source,
                  const ObserveOptions& options);

    [[nodiscard]] bool note(const Commit& commit,
                            std::optional<std::span<const SpaceId>> spaces) override;
    [[nodiscard]] std::optional<std::int64_t> put_off_until_ms() const override;

  private:
    void call() override;
    /// Null: the observer was stopped meanwhile.
    [[nodiscard]] std::unique_ptr<QueryResult> read(const transaction::Reading& reading) const;
    void put_off(std::int64_t begin_ms) noexcept;
    /// Without a further commit.
    void try_again_later() noexcept;
    void tell_error(const Error& error);

    transaction::Engine& engine_;
    const ObservedSource source_;
    const std::size_t bytes_max_;
    std::atomic<bool> has_changed_{true};

    // Owned by the thread that tells.
    std::unique_ptr<const QueryResult> told_;
    std::optional<ErrorCode> error_told_;
    std::int64_t not_before_ms_ = 0;
};

}  // namespace amphora::detail

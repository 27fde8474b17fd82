#pragma once

#include "tree/living_views.hpp"
#include "tree/lmdb/environment.hpp"
#include "tree/tree.hpp"

#include <cstdint>
#include <memory>

/// Reading LMDB: one read transaction, shared by all readers of one delivery.
namespace amphora::lmdb {

/// Several threads may use it at once. LMDB requires one thread at a time for a transaction,
/// because it looks up the roots of named databases late. The main database's root is copied at the
/// beginning, and after that reading changes nothing in the transaction.
class LmdbReadView final : public tree::ReadView,
                           public std::enable_shared_from_this<LmdbReadView> {
  public:
    LmdbReadView(Reading reading, std::shared_ptr<tree::LivingViews> living, const Mark& mark);
    ~LmdbReadView() override;
    LmdbReadView(const LmdbReadView&) = delete;
    LmdbReadView& operator=(const LmdbReadView&) = delete;

    [[nodiscard]] Mark mark() const override { return mark_; }
    [[nodiscard]] std::uint64_t version() const override { return reading_.number(); }
    [[nodiscard]] std::optional<Bytes> find(Bytes key, Buffer& scratch) const override;
    [[nodiscard]] std::unique_ptr<tree::Cursor> cursor(Bytes lower, Bytes upper) const override;

    void renew_age() const noexcept { living_->renew(place_); }

  private:
    friend class LmdbCursor;
    Reading reading_;
    std::shared_ptr<tree::LivingViews> living_;
    tree::LivingViews::Place place_;
    Mark mark_;
};

}  // namespace amphora::lmdb

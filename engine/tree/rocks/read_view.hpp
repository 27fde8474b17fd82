#pragma once

#include "tree/living_views.hpp"
#include "tree/rocks/database/opened_database.hpp"
#include "tree/tree.hpp"

#include <memory>

namespace amphora::rocks {

/// A snapshot of RocksDB, shared by all readers of one delivery.
class RocksReadView final : public tree::ReadView,
                            public std::enable_shared_from_this<RocksReadView> {
  public:
    /// Shows what has been applied so far. Made by the thread that applies, or before it begins.
    RocksReadView(std::shared_ptr<OpenedDatabase> database,
                  std::shared_ptr<tree::LivingViews> living, const Mark& mark);
    ~RocksReadView() override;
    RocksReadView(const RocksReadView&) = delete;
    RocksReadView& operator=(const RocksReadView&) = delete;

    [[nodiscard]] Mark mark() const override { return mark_; }
    [[nodiscard]] std::optional<Bytes> find(Bytes key, Buffer& scratch) const override;
    [[nodiscard]] std::unique_ptr<tree::Cursor> cursor(Bytes lower, Bytes upper) const override;

    void renew_age() const noexcept { living_->renew(place_); }

  private:
    friend class RocksCursor;
    /// How many entries, with removals, have been delivered since this view was taken.
    [[nodiscard]] std::uint64_t newer_entries() const;

    std::shared_ptr<OpenedDatabase> database_;
    std::shared_ptr<tree::LivingViews> living_;
    rocksdb::ReadOptions reading_;
    tree::LivingViews::Place place_;
    Mark mark_;
};

}  // namespace amphora::rocks

#include "tree/rocks/read_view.hpp"

#include "tree/mark_record.hpp"
#include "tree/rocks/database/reading_options.hpp"
#include "tree/rocks/environment/status.hpp"

#include <rocksdb/iterator.h>
#include <rocksdb/snapshot.h>

#include <algorithm>

#include <fmt/format.h>

namespace amphora::rocks {

namespace {

rocksdb::Slice to_slice(Bytes bytes) {
    return {bytes.data(), bytes.size()};
}
Bytes from_slice(const rocksdb::Slice& slice) {
    return {slice.data(), slice.size()};
}

rocksdb::ReadOptions options_for(const rocksdb::Snapshot* snapshot) {
    rocksdb::ReadOptions options = reading_options(BlockCaching::keep);
    options.snapshot = snapshot;
    return options;
}

}  // namespace

/// Keeps its view alive. The bounds of a RocksDB iterator cannot be changed, so narrowing makes
/// another iterator at the first seek.
class RocksCursor final : public tree::Cursor {
  public:
    RocksCursor(std::shared_ptr<const RocksReadView> view, Bytes lower, Bytes upper)
        : view_{std::move(view)}, reading_{view_->reading_}, lower_{lower}, upper_{upper} {}
    ~RocksCursor() override { let_go(); }
    RocksCursor(const RocksCursor&) = delete;
    RocksCursor& operator=(const RocksCursor&) = delete;

    void narrow_to(Bytes lower, Bytes upper) override {
        valid_ = false;
        if (covers(lower, upper) && view_->newer_entries() <= newer_entries_stepped_over) return;
        let_go();
        lower_.assign(lower);
        upper_.assign(upper);
    }
    void seek(Bytes key) override {
        move([&](rocksdb::Iterator& iterator) {
            iterator.Seek(to_slice(std::max(key, tree::first_key)));
        });
    }
    void seek_before(Bytes key) override {
        move([&](rocksdb::Iterator& iterator) {
            if (key.empty()) return iterator.SeekToLast();
            iterator.SeekForPrev(to_slice(key));
            if (iterator.Valid() && from_slice(iterator.key()) == key) iterator.Prev();
        });
    }
    void next() override {
        if (valid_) move([](rocksdb::Iterator& iterator) { iterator.Next(); });
    }
    void previous() override {
        if (valid_) move([](rocksdb::Iterator& iterator) { iterator.Prev(); });
    }
    [[nodiscard]] bool valid() const override { return valid_; }
    [[nodiscard]] Bytes key() const override { return from_slice(iterator_->key()); }
    [[nodiscard]] Bytes value() const override { return from_slice(iterator_->value()); }

  private:
    /// A new iterator costs as much as stepping over about thirty entries.
    static constexpr std::uint64_t newer_entries_stepped_over = 30;

    [[nodiscard]] bool covers(Bytes lower, Bytes upper) const {
        return lower >= Bytes(lower_) &&
               (upper_.empty() || (!upper.empty() && upper <= Bytes(upper_)));
    }
    template <class Step>
    void move(Step&& step) {
        view_->database_->inside([&](rocksdb::DB& database) {
            if (iterator_ == nullptr) make_iterator(database);
            step(*iterator_);
        });
        arrive();
    }
    void make_iterator(rocksdb::DB& database) {
        // Space 0 is never shown.
        lower_slice_ = to_slice(std::max(Bytes(lower_), tree::first_key));
        reading_.iterate_lower_bound = &lower_slice_;
        upper_slice_ = to_slice(upper_);
        reading_.iterate_upper_bound = upper_.empty() ? nullptr : &upper_slice_;
        iterator_.reset(database.NewIterator(reading_));
    }
    /// An iterator at a damaged block is as invalid as one at the end; only its status differs.
    void arrive() {
        valid_ = iterator_->Valid();
        if (!valid_) {
            throw_if_failed(iterator_->status(), "moving a cursor", view_->database_->path());
        }
    }
    void let_go() noexcept {
        valid_ = false;
        const OpenedDatabase& database = *view_->database_;
        if (database.is_left() || database.in_child()) static_cast<void>(iterator_.release());
        iterator_.reset();
    }

    std::shared_ptr<const RocksReadView> view_;
    rocksdb::ReadOptions reading_;  ///< points to the slices, and these to the bounds
    Buffer lower_, upper_;          ///< of the iterator; may be wider than what was asked for
    rocksdb::Slice lower_slice_, upper_slice_;
    std::unique_ptr<rocksdb::Iterator> iterator_;
    bool valid_ = false;
};

RocksReadView::RocksReadView(std::shared_ptr<OpenedDatabase> database,
                             std::shared_ptr<tree::LivingViews> living, const Mark& mark)
    : database_{std::move(database)},
      living_{std::move(living)},
      reading_{
          options_for(database_->inside([](rocksdb::DB& rocks) { return rocks.GetSnapshot(); }))},
      place_{living_->enter(
          database_->inside([](rocksdb::DB& rocks) { return rocks.GetLatestSequenceNumber(); }))},
      mark_{mark} {}

RocksReadView::~RocksReadView() {
    living_->leave(place_);
    if (database_->in_child() || database_->is_left()) return;
    try {
        database_->inside(
            [&](rocksdb::DB& database) { database.ReleaseSnapshot(reading_.snapshot); });
    } catch (const Error&) {  // NOLINT: it is left with all that it holds
    }
}

std::uint64_t RocksReadView::newer_entries() const {
    return database_->inside([&](rocksdb::DB& database) {
        return database.GetLatestSequenceNumber() - reading_.snapshot->GetSequenceNumber();
    });
}

std::optional<Bytes> RocksReadView::find(Bytes key, Buffer& scratch) const {
    if (tree::is_reserved(key)) return std::nullopt;
    const rocksdb::Status status = database_->inside([&](rocksdb::DB& database) {
        return database.Get(reading_, database.DefaultColumnFamily(), to_slice(key), &scratch);
    });
    if (status.IsNotFound()) return std::nullopt;
    if (!status.ok()) [[unlikely]] {
        raise(status, fmt::format("reading the entry {}", tree::to_hex(key)), database_->path());
    }
    return Bytes(scratch);
}

std::unique_ptr<tree::Cursor> RocksReadView::cursor(Bytes lower, Bytes upper) const {
    database_->check_process();
    return std::make_unique<RocksCursor>(shared_from_this(), lower, upper);
}

}  // namespace amphora::rocks

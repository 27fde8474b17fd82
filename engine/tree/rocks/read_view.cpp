#include "tree/rocks/read_view.hpp"

#include "tree/own_space.hpp"
#include "tree/rocks/require.hpp"

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

const rocksdb::Slice lower_bound = to_slice(tree::first_key);

rocksdb::ReadOptions options_for(const rocksdb::Snapshot* snapshot) {
    rocksdb::ReadOptions options(true, true);  // checksums verified, blocks kept in the cache
    options.snapshot = snapshot;
    options.async_io = false;
    options.iterate_lower_bound = &lower_bound;  // iterators alone heed it: space 0 is never shown
    return options;
}

}  // namespace

/// Keeps its view alive.
class RocksCursor final : public tree::Cursor {
  public:
    explicit RocksCursor(std::shared_ptr<const RocksReadView> view)
        : view_(std::move(view)),
          iterator_(view_->database_->handle().NewIterator(view_->reading_)) {}

    void seek(Bytes key) override {
        iterator_->Seek(to_slice(std::max(key, tree::first_key)));
        arrive();
    }
    void seek_before(Bytes key) override {
        if (key.empty()) {
            iterator_->SeekToLast();
        } else {
            iterator_->SeekForPrev(to_slice(key));
            if (iterator_->Valid() && from_slice(iterator_->key()) == key) iterator_->Prev();
        }
        arrive();
    }
    void next() override {
        if (!valid_) return;
        iterator_->Next();
        arrive();
    }
    void previous() override {
        if (!valid_) return;
        iterator_->Prev();
        arrive();
    }
    [[nodiscard]] bool valid() const override { return valid_; }
    [[nodiscard]] Bytes key() const override { return from_slice(iterator_->key()); }
    [[nodiscard]] Bytes value() const override { return from_slice(iterator_->value()); }

  private:
    /// An iterator that met a damaged block is as invalid as one at the end; only its status tells.
    void arrive() {
        valid_ = iterator_->Valid();
        if (!valid_) require(iterator_->status(), "moving a cursor", view_->database_->path());
    }

    std::shared_ptr<const RocksReadView> view_;
    std::unique_ptr<rocksdb::Iterator> iterator_;
    bool valid_ = false;
};

RocksReadView::RocksReadView(std::shared_ptr<OpenedDatabase> database,
                             std::shared_ptr<tree::LivingViews> living, const Mark& mark)
    : database_(std::move(database)),
      living_(std::move(living)),
      reading_(options_for(database_->handle().GetSnapshot())),
      place_(living_->enter(database_->handle().GetLatestSequenceNumber())),
      mark_(mark) {}

RocksReadView::~RocksReadView() {
    living_->leave(place_);
    if (!database_->in_child()) database_->handle().ReleaseSnapshot(reading_.snapshot);
}

std::optional<Bytes> RocksReadView::find(Bytes key, Buffer& scratch) const {
    if (tree::is_own(key)) return std::nullopt;
    rocksdb::DB& database = database_->handle();
    const rocksdb::Status status =
        database.Get(reading_, database.DefaultColumnFamily(), to_slice(key), &scratch);
    if (status.IsNotFound()) return std::nullopt;
    if (!status.ok()) [[unlikely]] {
        raise(status, fmt::format("reading the entry {}", tree::to_hex(key)), database_->path());
    }
    return Bytes(scratch);
}

std::unique_ptr<tree::Cursor> RocksReadView::cursor() const {
    database_->check_process();
    return std::make_unique<RocksCursor>(shared_from_this());
}

}  // namespace amphora::rocks

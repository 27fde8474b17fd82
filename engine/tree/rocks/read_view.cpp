#include "tree/rocks/read_view.hpp"

#include "tree/own_space.hpp"
#include "tree/rocks/reading_options.hpp"
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
    rocksdb::ReadOptions options = reading_options(BlockCaching::keep);
    options.snapshot = snapshot;
    options.iterate_lower_bound = &lower_bound;  // iterators alone heed it: space 0 is never shown
    return options;
}

}  // namespace

/// Keeps its view alive.
class RocksCursor final : public tree::Cursor {
  public:
    explicit RocksCursor(std::shared_ptr<const RocksReadView> view)
        : view_(std::move(view)), iterator_(view_->database_->inside([this](rocksdb::DB& database) {
              return database.NewIterator(view_->reading_);
          })) {}
    ~RocksCursor() override {
        const OpenedDatabase& database = *view_->database_;
        if (database.is_left() || database.in_child()) static_cast<void>(iterator_.release());
    }
    RocksCursor(const RocksCursor&) = delete;
    RocksCursor& operator=(const RocksCursor&) = delete;

    void seek(Bytes key) override {
        move([&] { iterator_->Seek(to_slice(std::max(key, tree::first_key))); });
    }
    void seek_before(Bytes key) override {
        move([&] {
            if (key.empty()) return iterator_->SeekToLast();
            iterator_->SeekForPrev(to_slice(key));
            if (iterator_->Valid() && from_slice(iterator_->key()) == key) iterator_->Prev();
        });
    }
    void next() override {
        if (valid_) move([&] { iterator_->Next(); });
    }
    void previous() override {
        if (valid_) move([&] { iterator_->Prev(); });
    }
    [[nodiscard]] bool valid() const override { return valid_; }
    [[nodiscard]] Bytes key() const override { return from_slice(iterator_->key()); }
    [[nodiscard]] Bytes value() const override { return from_slice(iterator_->value()); }

  private:
    template <class Step>
    void move(Step&& step) {
        view_->database_->inside([&](rocksdb::DB&) { step(); });
        arrive();
    }
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
      reading_(
          options_for(database_->inside([](rocksdb::DB& rocks) { return rocks.GetSnapshot(); }))),
      place_(living_->enter(
          database_->inside([](rocksdb::DB& rocks) { return rocks.GetLatestSequenceNumber(); }))),
      mark_(mark) {}

RocksReadView::~RocksReadView() {
    living_->leave(place_);
    if (database_->in_child() || database_->is_left()) return;
    try {
        database_->inside(
            [&](rocksdb::DB& database) { database.ReleaseSnapshot(reading_.snapshot); });
    } catch (const Error&) {  // NOLINT: it is left with all that it holds
    }
}

std::optional<Bytes> RocksReadView::find(Bytes key, Buffer& scratch) const {
    if (tree::is_own(key)) return std::nullopt;
    const rocksdb::Status status = database_->inside([&](rocksdb::DB& database) {
        return database.Get(reading_, database.DefaultColumnFamily(), to_slice(key), &scratch);
    });
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

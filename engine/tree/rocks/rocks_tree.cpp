#include "tree/rocks/rocks_tree.hpp"

#include "base/assert.hpp"
#include "tree/living_views.hpp"
#include "tree/mark_record.hpp"
#include "tree/rocks/database/opened_database.hpp"
#include "tree/rocks/disk/disk_room.hpp"
#include "tree/rocks/environment/bounded_resume.hpp"
#include "tree/rocks/environment/status.hpp"
#include "tree/rocks/mark_record.hpp"
#include "tree/rocks/online_copy.hpp"
#include "tree/rocks/read_view.hpp"
#include "tree/rocks/tree_check.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <thread>

#include <fmt/format.h>

namespace amphora::rocks {

namespace {

constexpr std::size_t key_bytes_max = 65535;
constexpr std::size_t value_bytes_max = 1u << 30;
constexpr std::chrono::seconds flush_time_max{10};

class RocksTree final : public tree::Tree {
  public:
    RocksTree(std::shared_ptr<OpenedDatabase> database, const Identity& identity,
              tree::OpenMode mode, const RocksOptions& options)
        : database_{std::move(database)},
          identity_{identity},
          room_{*database_, options, mode},
          read_only_{!tree::writes(mode)},
          names_{mode == tree::OpenMode::live ? FileNames::may_be_gone : FileNames::present} {
        if (mode == tree::OpenMode::create) make_new();
        delivered_ = tree::recognize(mark_record(rocksdb::kReadAllTier), identity_, path());
        current_ = std::make_shared<RocksReadView>(database_, living_, delivered_);
    }

    std::shared_ptr<const tree::ReadView> view() override {
        database_->check_process();
        const std::lock_guard lock{mutex_};
        if (current_.use_count() == 1) current_->renew_age();
        return current_;
    }

    void apply(std::span<const tree::Change> changes, const Mark& mark) override;

    [[nodiscard]] Mark delivered() const override {
        const std::lock_guard lock{mutex_};
        return delivered_;
    }
    [[nodiscard]] Mark held() const override;
    void hold() override;

    void require_acceptable(Bytes key, std::size_t value_bytes) const override;
    [[nodiscard]] DiskNeed disk_need(Load load) const override { return room_.disk_need(load); }
    [[nodiscard]] Room room_for(Load load, std::uint64_t others_bytes) const override {
        return room_.room_for(load, others_bytes);
    }
    void reclaim() noexcept override {
        if (!read_only_) room_.reclaim();
    }
    [[nodiscard]] tree::TreeStatistics statistics() const override;
    void compact() override;
    void copy_to(const std::string& directory, const Copied& copied) override {
        database_->check_process();
        copy_online(*database_, directory, copied);
    }
    void check(Findings& findings) override {
        database_->check_process();
        check_tree(*database_, identity_, names_, findings);
    }
    void renew(const Identity& identity, const Mark& mark);

  private:
    void make_new();
    [[nodiscard]] std::optional<Buffer> mark_record(rocksdb::ReadTier tier) const {
        return find_mark_record(*database_, tier);
    }
    void flush();
    void recover();
    [[noreturn]] void fail(const rocksdb::Status& status, std::string_view doing);
    template <class Call>
    decltype(auto) inside(Call&& call) const {
        return database_->inside(std::forward<Call>(call));
    }
    [[nodiscard]] const std::string& path() const noexcept { return database_->path(); }

    std::shared_ptr<OpenedDatabase> database_;
    Identity identity_;
    DiskRoom room_;
    bool read_only_;
    FileNames names_;
    std::shared_ptr<tree::LivingViews> living_ = std::make_shared<tree::LivingViews>();
    std::thread::id writer_;  ///< the thread of the first `apply`, and of all others

    mutable std::mutex mutex_;
    Mark delivered_;
    /// Given to all readers until the next delivery.
    std::shared_ptr<const RocksReadView> current_;
};

void RocksTree::make_new() {
    tree::require_empty(mark_record(rocksdb::kReadAllTier), path());
    write_mark_record(*database_, {.identity = identity_, .mark = {}}, "writing the first mark");
    flush();
}

void RocksTree::renew(const Identity& identity, const Mark& mark) {
    AMPHORA_ASSERT(delivered_.sequence == mark.sequence);
    identity_ = identity;
    delivered_ = mark;
    write_mark_record(*database_, {.identity = identity_, .mark = delivered_}, "renewing the mark");
    flush();
}

void RocksTree::apply(std::span<const tree::Change> changes, const Mark& mark) {
    database_->check_process();
    AMPHORA_ASSERT(!read_only_);
    if (writer_ == std::thread::id{}) writer_ = std::this_thread::get_id();
    AMPHORA_ASSERT(writer_ == std::this_thread::get_id());
    AMPHORA_ASSERT(mark.sequence >= delivered_.sequence);
    recover();

    const Buffer record = encode(tree::MarkRecord{.identity = identity_, .mark = mark});
    std::size_t bytes = record.size() + 64;
    for (const tree::Change& change : changes) {
        bytes += change.key.size() + (change.value ? change.value->size() : 0) + 16;
    }
    room_.require_for_flush(bytes);
    rocksdb::WriteBatch batch(bytes);
    for (const tree::Change& change : changes) {
        AMPHORA_ASSERT(!tree::is_reserved(change.key));
        throw_if_failed(change.value ? batch.Put(to_slice(change.key), to_slice(*change.value))
                                     : batch.Delete(to_slice(change.key)),
                        "filling a batch", path());
    }
    throw_if_failed(batch.Put(to_slice(tree::mark_key), record), "filling a batch", path());
    const rocksdb::Status status =
        inside([&](rocksdb::DB& database) { return database.Write(without_log(), &batch); });
    if (!status.ok()) fail(status, "delivering");
    room_.add_unflushed(bytes);
    room_.keep();

    // Only this thread writes, so nothing is written between the batch and this snapshot. So the
    // snapshot shows exactly the mark's state, and readers share it from now on.
    auto next = std::make_shared<const RocksReadView>(database_, living_, mark);
    const std::lock_guard lock{mutex_};
    delivered_ = mark;
    current_.swap(next);
}

Mark RocksTree::held() const {
    // With its log off, RocksDB reads this tier from table files alone, and those are synced.
    const std::optional<Buffer> record = mark_record(rocksdb::kPersistedTier);
    const Mark persisted = tree::recognize(record, identity_, path());
    // A batch can reach a table file before `apply` has returned.
    const std::lock_guard lock{mutex_};
    return persisted.sequence <= delivered_.sequence ? persisted : delivered_;
}

void RocksTree::hold() {
    database_->check_process();
    if (read_only_ || held() == delivered()) return;
    recover();
    room_.require_for_flush(0);
    flush();
    room_.keep();
}

void RocksTree::flush() {
    rocksdb::FlushOptions options;
    options.wait = true;
    options.allow_write_stall = true;  // there is no other writer
    BackgroundErrors& errors = database_->errors();
    std::uint64_t seen = errors.flushes();
    const rocksdb::Status status =
        inside([&](rocksdb::DB& database) { return database.Flush(options); });
    if (!status.ok()) fail(status, "flushing");
    // While RocksDB 7.8 remembers the error of an earlier recovery, it returns OK without having
    // waited, or even after a failed flush. Only the contents of table files count.
    while (mark_record(rocksdb::kPersistedTier) != mark_record(rocksdb::kReadAllTier)) {
        if (const auto latched = errors.latched()) raise(*latched, "flushing", path());
        if (!errors.await_flush_after(seen, flush_time_max)) {
            fail(rocksdb::Status::TimedOut("the flush did not happen"), "flushing");
        }
        seen = errors.flushes();
    }
}

/// After a failure of background work RocksDB takes no writes until it is resumed.
void RocksTree::recover() {
    BackgroundErrors& errors = database_->errors();
    const std::optional<rocksdb::Status> latched = errors.latched();
    if (!latched) return;
    if (errors.given_up()) {
        throw Error{
            ErrorCode::needs_reopen,
            fmt::format("{}: could not recover from an earlier failure: {}; close the database "
                        "and open it again",
                        path(), with_own_name(latched->ToString(), path()))};
    }
    if (!errors.may_try_again()) raise(*latched, "recovering from an earlier failure", path());
    // A failed attempt may be the last one, so it waits until there is room for it.
    room_.require_for_flush(0);
    const rocksdb::Status status =
        inside([](rocksdb::DB& database) { return resume_within(database, flush_time_max); });
    if (status.IsBusy()) raise(*latched, "recovering from an earlier failure", path());
    if (!status.ok()) {
        errors.give_up();
        raise(status, "recovering from an earlier failure", path());
    }
    errors.recovered();
}

void RocksTree::fail(const rocksdb::Status& status, std::string_view doing) {
    BackgroundErrors& errors = database_->errors();
    errors.note(status);
    // A waiting writer only gets "incomplete"; the latched status has the reason.
    const std::optional<rocksdb::Status> latched = errors.latched();
    raise(status.IsIncomplete() && latched ? *latched : status, doing, path());
}

void RocksTree::require_acceptable(Bytes key, std::size_t value_bytes) const {
    AMPHORA_ASSERT(!tree::is_reserved(key));
    if (key.size() > key_bytes_max) {
        throw Error{ErrorCode::value_too_large,
                    fmt::format("a key of {} bytes; the document tree takes {}", key.size(),
                                key_bytes_max)};
    }
    if (value_bytes > value_bytes_max) {
        throw Error{ErrorCode::value_too_large,
                    fmt::format("a value of {} bytes; the document tree takes {}", value_bytes,
                                value_bytes_max)};
    }
}

tree::TreeStatistics RocksTree::statistics() const {
    tree::TreeStatistics statistics;
    const std::uint64_t files = database_->property("rocksdb.total-sst-files-size");
    statistics.bytes_on_disk = files;
    statistics.bytes_free =
        files - std::min(files, database_->property("rocksdb.estimate-live-data-size"));
    // Memtables are charged to the cache.
    statistics.bytes_memory = database_->cache()->GetUsage();
    statistics.entries = database_->property("rocksdb.estimate-num-keys");
    const std::optional<rocksdb::Status> latched = database_->errors().latched();
    const bool given_up = latched && database_->errors().given_up();
    const std::string words = latched ? with_own_name(latched->ToString(), path()) : "";
    statistics.health = given_up          ? words + "; close the database and open it again"
                        : latched         ? words
                        : room_.is_full() ? "the disk is too full to deliver"
                                          : "ok";

    const std::lock_guard lock{mutex_};
    // The view that is kept for the next reader has no reader.
    statistics.readers = living_->count() - (current_.use_count() == 1 ? 1 : 0);
    if (statistics.readers > 0) statistics.oldest_reader_ms = living_->oldest_ms();
    return statistics;
}

void RocksTree::compact() {
    database_->check_process();
    if (read_only_) return;
    recover();
    rocksdb::CompactRangeOptions options;
    options.exclusive_manual_compaction = false;
    options.allow_write_stall = true;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
    const rocksdb::Status status = inside(
        [&](rocksdb::DB& database) { return database.CompactRange(options, nullptr, nullptr); });
    if (!status.ok()) fail(status, "compacting");
}

}  // namespace

std::unique_ptr<tree::Tree> open_rocks(const std::string& directory, const Identity& identity,
                                       tree::OpenMode mode, const RocksOptions& options) {
    return std::make_unique<RocksTree>(OpenedDatabase::open(directory, mode, options), identity,
                                       mode, options);
}

void renew_identity(const std::string& directory, const Identity& before, const Identity& after,
                    const Mark& mark, const RocksOptions& options) {
    constexpr auto mode = tree::OpenMode::read_write;
    RocksTree(OpenedDatabase::open(directory, mode, options), before, mode, options)
        .renew(after, mark);
}

}  // namespace amphora::rocks

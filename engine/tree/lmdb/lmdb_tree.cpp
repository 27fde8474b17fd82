#include "tree/lmdb/lmdb_tree.hpp"

#include "base/assert.hpp"
#include "tree/lmdb/bookkeeping.hpp"
#include "tree/lmdb/data_file.hpp"
#include "tree/lmdb/file_reserve.hpp"
#include "tree/lmdb/online_copy.hpp"
#include "tree/lmdb/read_view.hpp"
#include "tree/lmdb/structure_walk.hpp"
#include "tree/lmdb/write_transaction.hpp"
#include "tree/mark_record.hpp"

#include <amphora/error.hpp>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>

#include <fmt/format.h>

namespace amphora::lmdb {

namespace {

constexpr std::size_t key_bytes_max = 511;
constexpr std::size_t value_bytes_max = 1u << 30;

/// A commit of LMDB's, and its mark.
struct Delivered {
    std::uint64_t transaction = 0;
    Mark mark;
};

class LmdbTree final : public tree::Tree {
  public:
    LmdbTree(std::shared_ptr<Environment> environment, const Identity& identity,
             tree::OpenMode mode, std::uint64_t reserve_bytes)
        : environment_{std::move(environment)},
          identity_{identity},
          read_only_{mode == tree::OpenMode::read_only},
          reserve_{environment_, *living_, reserve_bytes} {
        if (mode == tree::OpenMode::create) make_new();
        const Reading reading(environment_);
        latest_ = {.transaction = reading.number(), .mark = mark_in(reading)};
        digests_ = read_digests(reading);
        own_entries_ = digests_.size() + 1;
        if (!read_only_) reserve_.keep();
    }

    std::shared_ptr<const tree::ReadView> view() override {
        environment_->check_process();
        const std::lock_guard lock{mutex_};
        if (current_ == nullptr || current_->version() < newest_transaction()) {
            Reading reading(environment_);
            const Mark mark = read_only_ ? mark_in(reading) : mark_of(reading.number());
            current_ = std::make_shared<LmdbReadView>(std::move(reading), living_, mark);
        } else if (current_.use_count() == 1) {
            current_->renew_age();
        }
        return current_;
    }

    void apply(std::span<const tree::Change> changes, const Mark& mark) override;

    [[nodiscard]] Mark delivered() const override {
        if (read_only_) return mark_in(Reading(environment_));
        const std::lock_guard lock{mutex_};
        return latest_.mark;
    }
    /// Every commit is synced before it returns.
    [[nodiscard]] Mark held() const override { return delivered(); }
    void hold() override { environment_->check_process(); }

    void require_acceptable(Bytes key, std::size_t value_bytes) const override;
    [[nodiscard]] DiskNeed disk_need(Load load) const override { return reserve_.disk_need(load); }
    [[nodiscard]] Room room_for(Load load, std::uint64_t others_bytes) const override {
        return reserve_.room_for(load, others_bytes);
    }
    void reclaim() noexcept override {}  // its next commits use those pages
    [[nodiscard]] tree::TreeStatistics statistics() const override;
    void compact() override {}
    void copy_to(const std::string& directory, const Copied& copied) override {
        environment_->check_process();
        copy_online(*environment_, directory, copied);
    }
    void check(Findings& findings) override;

  private:
    void make_new();
    [[nodiscard]] Mark mark_in(const Reading& reading) const;
    [[nodiscard]] Mark mark_of(std::uint64_t transaction) const;
    [[nodiscard]] std::uint64_t newest_transaction() const;
    void commit(WriteTransaction& writing, const Mark& mark);
    void keep_view() noexcept;

    std::shared_ptr<Environment> environment_;
    Identity identity_;
    bool read_only_;
    std::shared_ptr<tree::LivingViews> living_ = std::make_shared<tree::LivingViews>();
    FileReserve reserve_;
    SpaceDigests digests_;    ///< owned by the writing thread
    std::thread::id writer_;  ///< the thread of the first `apply`, and of all others

    mutable std::mutex mutex_;
    Delivered latest_;  ///< the last commit that returned
    /// The one under way, which readers may see before it returns.
    std::optional<Delivered> coming_;
    std::shared_ptr<const LmdbReadView> current_;  ///< given to all readers until the next delivery
    std::uint64_t own_entries_ = 0;                ///< the mark and the digests
    std::string health_ = "ok";
};

void LmdbTree::make_new() {
    tree::require_empty(find_mark_record(Reading(environment_)), environment_->path());
    WriteTransaction writing(*environment_, digests_);
    writing.write_own(tree::mark_key, encode(tree::MarkRecord{.identity = identity_, .mark = {}}));
    writing.commit();
}

Mark LmdbTree::mark_in(const Reading& reading) const {
    return tree::recognize(find_mark_record(reading), identity_, environment_->path());
}

std::uint64_t LmdbTree::newest_transaction() const {
    if (!read_only_) return latest_.transaction;
    MDB_envinfo info{};
    throw_if_failed(mdb_env_info(environment_->handle(), &info), "asking for the last commit",
                    environment_->path());
    return info.me_last_txnid;
}

/// A reader may see a commit while `apply` still waits for it to return, but not before its number
/// and mark were stored here.
Mark LmdbTree::mark_of(std::uint64_t transaction) const {
    if (coming_ && coming_->transaction == transaction) return coming_->mark;
    AMPHORA_ASSERT(latest_.transaction == transaction);
    return latest_.mark;
}

void LmdbTree::apply(std::span<const tree::Change> changes, const Mark& mark) {
    environment_->check_process();
    AMPHORA_ASSERT(!read_only_);
    if (writer_ == std::thread::id{}) writer_ = std::this_thread::get_id();
    AMPHORA_ASSERT(writer_ == std::this_thread::get_id());
    AMPHORA_ASSERT(mark.sequence >= latest_.mark.sequence);
    try {
        WriteTransaction writing(*environment_, digests_);
        for (const tree::Change& change : changes) {
            AMPHORA_ASSERT(!tree::is_reserved(change.key));
            writing.write(change);
        }
        writing.write_digests();
        commit(writing, mark);
    } catch (const Error& error) {
        const std::lock_guard lock{mutex_};
        health_ = error.what();
        throw;
    }
    reserve_.keep();
}

/// If the last step of a commit fails, LMDB lets no reader begin any more; then all readers get the
/// view that exists. If there is no free slot, the delivery is more important.
void LmdbTree::keep_view() noexcept {
    try {
        static_cast<void>(view());
    } catch (const std::exception&) {  // NOLINT: readers will get the error themselves
    }
}

void LmdbTree::commit(WriteTransaction& writing, const Mark& mark) {
    const Buffer record = encode(tree::MarkRecord{.identity = identity_, .mark = mark});
    const Delivered delivered{.transaction = writing.number(), .mark = mark};
    writing.write_own(tree::mark_key, record);
    {
        const std::lock_guard lock{mutex_};
        coming_ = delivered;
    }
    keep_view();
    try {
        writing.commit();
    } catch (const Error&) {
        // No reader saw it, because the very last step of a commit makes it visible. Its number
        // will be used again.
        const std::lock_guard lock{mutex_};
        coming_.reset();
        throw;
    }
    std::shared_ptr<const LmdbReadView> outdated;
    {
        const std::lock_guard lock{mutex_};
        latest_ = delivered;
        coming_.reset();
        own_entries_ = digests_.size() + 1;
        health_ = "ok";
        // If it were kept longer it would pin the pages that the next delivery frees.
        if (current_ && current_->version() < delivered.transaction) outdated.swap(current_);
    }
}

void LmdbTree::require_acceptable(Bytes key, std::size_t value_bytes) const {
    AMPHORA_ASSERT(!tree::is_reserved(key));
    if (key.size() > key_bytes_max) {
        throw Error{ErrorCode::value_too_large,
                    fmt::format("a key of {} bytes; the relational tree takes {}", key.size(),
                                key_bytes_max)};
    }
    if (value_bytes > value_bytes_max) {
        throw Error{ErrorCode::value_too_large,
                    fmt::format("a value of {} bytes; the relational tree takes {}", value_bytes,
                                value_bytes_max)};
    }
}

tree::TreeStatistics LmdbTree::statistics() const {
    MDB_stat tree{};
    MDB_envinfo file{};
    throw_if_failed(mdb_env_stat(environment_->handle(), &tree), "asking for its size",
                    environment_->path());
    throw_if_failed(mdb_env_info(environment_->handle(), &file), "asking for its size",
                    environment_->path());
    tree::TreeStatistics statistics;
    statistics.bytes_on_disk = DataFile(environment_->descriptor(), environment_->path()).size();
    statistics.bytes_free = reserve_.free_pages() * tree.ms_psize;
    statistics.map_bytes_max = file.me_mapsize;

    const std::lock_guard lock{mutex_};
    statistics.entries = tree.ms_entries - std::min<std::uint64_t>(own_entries_, tree.ms_entries);
    statistics.health = health_;
    // The view that is kept for the next reader has no reader.
    const bool kept = current_ != nullptr && current_.use_count() == 1;
    statistics.readers = living_->count() - (kept ? 1 : 0);
    if (statistics.readers > 0) statistics.oldest_reader_ms = living_->oldest_ms();
    return statistics;
}

void LmdbTree::check(Findings& findings) {
    environment_->check_process();
    const DataFile file(environment_->descriptor(), environment_->path());
    // The second commit after it overwrites a meta page, so a busy writer may be faster.
    for (int attempt = 0; attempt < 1000; ++attempt) {
        const Reading reading(environment_);
        const std::optional<Meta> meta = file.meta_of(reading.number());
        if (!meta) continue;
        StructureWalk(file, *meta, findings).run();
        return;
    }
    findings.report(
        fmt::format("{}: the first two pages do not show the last commit", file.path()));
}

}  // namespace

std::unique_ptr<tree::Tree> open_lmdb(const std::string& directory, const Identity& identity,
                                      tree::OpenMode mode, const LmdbOptions& options) {
    return std::make_unique<LmdbTree>(Environment::open(directory, mode, options), identity, mode,
                                      options.reserve_bytes);
}

void renew_identity(const std::string& directory, const Identity& before, const Identity& after,
                    const Mark& mark, const LmdbOptions& options) {
    const auto environment = Environment::open(directory, tree::OpenMode::read_write, options);
    const Mark held =
        tree::recognize(find_mark_record(Reading(environment)), before, environment->path());
    AMPHORA_ASSERT(held.sequence == mark.sequence);
    SpaceDigests untouched;
    WriteTransaction writing(*environment, untouched);
    writing.write_own(tree::mark_key, encode(tree::MarkRecord{.identity = after, .mark = mark}));
    writing.commit();
}

}  // namespace amphora::lmdb

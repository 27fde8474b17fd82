#pragma once

#include "base/directory_lock.hpp"
#include "base/file.hpp"
#include "base/ids.hpp"
#include "base/lineage.hpp"
#include "base/temporary_directory.hpp"
#include "catalog/evolution/evolution.hpp"
#include "database/directory/profile.hpp"
#include "database/live/live_owner.hpp"
#include "database/live/observer.hpp"
#include "database/observers/commit_observers.hpp"
#include "database/retention/retention.hpp"
#include "database/running.hpp"
#include "journal/archive/archiver.hpp"
#include "journal/following/followed_journal.hpp"
#include "journal/journal.hpp"
#include "outbox/outbox.hpp"
#include "stores/bound_schema.hpp"
#include "transaction/engine.hpp"
#include "tree/lmdb/foreign/foreign_tree.hpp"
#include "tree/process_guard.hpp"
#include "tree/tree.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace amphora::detail {

class Observation;

/// An open database: its parts, lowest first.
///
/// Shared by the `Database` and by every snapshot, transaction and range taken from it. Closing
/// stops what runs and makes everything durable. The parts, and with them the lock on the
/// directory, are destroyed when nobody uses them any more: no running call, and none of these
/// objects.
struct Core {
    Core(std::string directory, ResolvedOptions resolved)
        : path{std::move(directory)}, options{std::move(resolved)} {}
    /// In a forked child nothing is destroyed: the parts would wait for threads of the parent, and
    /// would free its reader slots.
    ~Core();
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    std::string path;
    ResolvedOptions options;
    std::optional<DirectoryLock> lock;
    std::unique_ptr<live::LiveOwner> live_owner;  ///< null for those that only read
    std::shared_ptr<live::Observer> observer;     ///< of `OpenMode::live`; null otherwise
    /// What an observer follows; the owner's generation is that of the opening, also without an owner.
    struct Followed {
        std::uint64_t generation = 0;
        journal::FollowedJournal* journal = nullptr;  ///< null: there was no owner
        lmdb::ForeignTree* relational = nullptr;
        std::uint64_t pending_bytes = 0;  ///< right after the opening
    };
    Followed followed;
    /// Of a handle that shows what is opened anew now and then, and has no parts of its own.
    std::shared_ptr<detail::Observation> observation;
    std::unique_ptr<FileSystem> files;  ///< this directory, also after it was moved
    Identity identity;
    Lineage lineage;  ///< of the timeline
    std::unique_ptr<tree::Tree> relational;
    std::unique_ptr<tree::Tree> documents;
    std::unique_ptr<journal::Journal> journal;
    std::unique_ptr<outbox::Outbox> outbox;
    std::unique_ptr<journal::Archiver> archiver;  ///< null without an archive
    std::unique_ptr<transaction::Engine> engine;
    std::shared_ptr<const stores::BoundSchema> schema;
    /// Of the catalog, for readers of commits from before this opening, which may have changed it.
    std::shared_ptr<const std::vector<catalog::PastVersion>> past_versions;
    std::unique_ptr<retention::Retention> retention;  ///< null if nothing is removed by itself
    std::vector<std::string> left_out;                ///< what a rescue has left out, in words
    std::string archive_directory;                    ///< in force, absolute; empty: none
    std::string archive_problem;                      ///< about the file that names the archive
    std::unique_ptr<TemporaryDirectory> vanishing;    ///< the directory of a temporary database
    ConsumerRegister consumers;
    std::shared_ptr<CommitObservers> observers;
    std::atomic<bool> open{false};
    bool may_write_system_spaces = false;  ///< set before the first transaction; see SystemAccess
    mutable std::mutex backing_up;         ///< held while a backup or a manual archive is made
    tree::ProcessGuard process;

    /// Keeps the parts alive, also if `close` is called meanwhile.
    class Use {
      public:
        explicit Use(Core& core) : core_{core} { core_.enter(); }
        ~Use() { core_.leave(); }
        Use(const Use&) = delete;
        Use& operator=(const Use&) = delete;

      private:
        Core& core_;
    };

    /// Throws `transaction_closed` after `close`, `used_after_fork` in a child process.
    void require_usable() const;
    /// Throws `read_only`, and what `require_usable` throws.
    void require_writable() const;

    [[nodiscard]] bool is_read_only() const noexcept { return !writes(options.given.mode); }
    [[nodiscard]] bool is_live() const noexcept { return options.given.mode == OpenMode::live; }
    [[nodiscard]] bool is_rescue() const noexcept { return options.given.mode == OpenMode::rescue; }
    void log(const std::string& line) const {
        if (options.given.log) options.given.log(line);
    }

    /// Delivers what is pending and syncs. A second call does nothing.
    void close();

  private:
    void archive_the_rest();
    void enter();
    /// False: everything was let go.
    [[nodiscard]] bool try_enter() noexcept;
    void leave() noexcept;
    void let_go() noexcept;
    void leave_to_parent() noexcept;

    std::atomic<std::uint64_t> uses_{1};  ///< one is for the open database
};

/// Both stores as of the last visible commit, once that is durable. Throws what a snapshot and
/// `Journal::await_durable` throw.
[[nodiscard]] std::shared_ptr<const transaction::Reading> durable_snapshot(Core& core);

}  // namespace amphora::detail

namespace amphora {
using detail::Core;
}

#pragma once

#include "crash/cycle_plan.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace amphora::crash {

/// How a victim is stopped, and so what is promised: a kill may take what is `buffered`, a power
/// cut also what is only `written`.
enum class Stop : std::uint8_t { kill, power_cut };

/// A copy that a victim began to make.
struct CopyPromise {
    std::uint64_t number = 0;
    bool is_made = false;  ///< the victim said so
    /// By thread: the transactions that had returned when it was begun, however durable.
    std::array<std::uint64_t, threads_max> least{};
    /// Of one that is made: it can be restored as of `earliest` up to `last`, which is all of it.
    std::uint64_t earliest = 0, last = 0;
};

/// From the least to the most that may be there.
struct Bounds {
    std::uint64_t least = 0, most = 0;
};

/// What the victims of one database were promised, thread by thread, and whether it was kept.
///
/// A thread commits one transaction after the other. So after a stop there must be: every
/// acknowledged transaction, and every transaction of any thread that was committed before an
/// acknowledged one. There may be: a first part of the transactions that returned after it, and the
/// one that was being written. What is stored is a beginning of the order of all commits: none is
/// missing before one that is stored.
class Promises {
  public:
    explicit Promises(Stop stop = Stop::kill) : stop_{stop} {}

    /// A line of the victim, as victim.cpp lists them.
    void heard(const std::string& line);
    /// Whether the line says that a commit returned.
    [[nodiscard]] static bool is_commit(const std::string& line);
    /// The victim was started, with so many threads.
    void started(std::uint32_t threads) {
        working_ = threads;
        copies_.clear();
    }
    /// The process that found these contents committed under that epoch, which no process before
    /// may have had: lost sequences are given again, and the two must not be mistaken for each
    /// other.
    void committed_under(std::uint64_t epoch);
    /// An opening found this many transactions of the thread: from now on exactly these must be
    /// there.
    void found(std::uint32_t thread, std::uint64_t there);

    /// The last copy that the last victim made, and the one that it was making. They replace older
    /// ones.
    [[nodiscard]] const std::vector<CopyPromise>& copies() const { return copies_; }
    /// A complete copy has this many transactions of the thread. Its contents are durable: the
    /// database must have them, too. Called before the database is opened again.
    void found_in_copy(const CopyPromise& copy, std::uint32_t thread, std::uint64_t there);

    // The last victim's commits, by sequence and by time, for restores as of either.

    /// The first commit as of which the contents are known; none: nothing was committed.
    [[nodiscard]] std::optional<std::uint64_t> known_from() const;
    /// How many transactions of a thread are stored as of that commit: exactly this many, unless
    /// its next one was being written when the victim was stopped.
    [[nodiscard]] Bounds as_of(std::uint64_t sequence, std::uint32_t thread) const;
    /// A time by which a commit from `first` to `last` was in the journal.
    [[nodiscard]] std::optional<std::int64_t> time_by_which_written(std::uint64_t first,
                                                                    std::uint64_t last) const;
    /// The last commit that was made by that time: what had returned by then was made, what had not
    /// begun was not.
    [[nodiscard]] Bounds last_made_by(std::int64_t time_us) const;
    /// A restore as of commit `end` has this many transactions.
    void found_as_of(std::uint64_t end, std::uint32_t thread, std::uint64_t there);

    [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_; }
    [[nodiscard]] std::uint64_t lost() const { return lost_; }
    [[nodiscard]] std::uint64_t duplicated() const { return duplicated_; }
    /// The victims' complaints, and what was lost or too much, in words.
    [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }
    [[nodiscard]] std::uint64_t torn() const { return torn_; }

  private:
    struct Returned {
        std::uint64_t count;     ///< of the thread's transactions, this one included
        std::uint64_t sequence;  ///< of the commit
        std::int64_t by_us;      ///< when it had
        bool is_written;         ///< it is in the journal since; a weaker one gets there later
    };
    struct Thread {
        std::uint64_t began = 0;  ///< with so many
        std::uint64_t promised = 0;
        bool on_its_way = false;         ///< one more may have been
        std::vector<Returned> returned;  ///< since somebody found what is there
    };

    /// How many transactions of a thread may be there.
    [[nodiscard]] static std::uint64_t most_of(const Thread& thread);
    [[nodiscard]] static std::uint64_t returned_of(const Thread& thread);
    void began_copy(std::uint64_t number);
    void made_copy(const CopyPromise& made);
    void compare(const std::string& where, std::uint64_t least, std::uint64_t most,
                 std::uint64_t there);
    void returned(std::uint32_t thread, Returned commit, bool is_acknowledged);
    void promise_up_to(Thread& thread, std::uint64_t sequence);
    void compare_order(std::uint32_t thread, std::uint64_t there);

    Stop stop_;
    std::array<Thread, threads_max> threads_;
    std::uint32_t working_ = 0;
    std::vector<CopyPromise> copies_;
    std::uint64_t acknowledged_up_to_ = 0;  ///< the highest sequence
    std::uint64_t epoch_ = 0;               ///< the highest
    std::uint64_t epoch_before_ = 0;        ///< that somebody had who committed before
    // About the last victim's commits that were looked for since.
    std::optional<std::uint64_t> first_gone_;
    std::uint64_t last_there_ = 0;
    std::uint64_t acknowledged_ = 0;
    std::uint64_t lost_ = 0;
    std::uint64_t duplicated_ = 0;
    std::uint64_t torn_ = 0;
    std::vector<std::string> complaints_;
};

}  // namespace amphora::crash

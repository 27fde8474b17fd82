#pragma once

#include "crash/judge.hpp"
#include "crash/promises.hpp"
#include "crash/restore_wish.hpp"
#include "workload/dice.hpp"

#include <amphora/options.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace amphora::crash {

/// Judges the copies that a victim was making when it was stopped.
///
/// A directory with a copy's name is complete, and a copy that was reported has its name. Restored,
/// it is a database in a new timeline. It has every thread's work up to what had returned when the
/// copy was begun, or further, but not beyond what the database itself has. With an archive it
/// continues with the archive's commits; a restore that ends at a commit or a time has exactly the
/// state of that moment. A directory without the name is refused, and does not affect the next copy
/// to that place.
class CopyTrial {
  public:
    /// `options`: as the database is opened.
    CopyTrial(std::string database, Options options)
        : database_{std::move(database)}, options_{std::move(options)} {
        options_.archive_directory.clear();  // not for what is restored
    }

    /// Restores each, unless that was done before, also in another way, and tells the promises what
    /// is in it. Returns what is wrong. Called before the database itself is opened again. `begun`:
    /// how a restore was begun; it may be there, or is done again.
    [[nodiscard]] std::vector<std::string> look(const Judge& judge, Promises& promises,
                                                workload::Dice& dice,
                                                const std::optional<RestoreWish>& begun = {});
    /// How many were whole.
    [[nodiscard]] std::uint64_t whole() const { return whole_; }
    /// How many were restored, and judged, in which way.
    [[nodiscard]] const std::map<std::string, std::uint64_t>& restores() const { return restores_; }
    /// Removes the copies. An unfinished one stays, where the next one must replace it.
    void clear() const;

  private:
    void look_at(const CopyPromise& copy, const Judge& judge, Promises& promises,
                 workload::Dice& dice, const std::optional<RestoreWish>& begun);
    void restore(const RestoreWish& wish);
    void look_at_restored(const CopyPromise& copy, const RestoreWish& wish, const Judge& judge,
                          Promises& promises);
    void look_at_unfinished(const Judge& judge);
    void require_end(const CopyPromise& copy, const RestoreWish& wish, std::uint64_t end,
                     const Promises& promises);
    void require_refused(const std::string& place);

    std::string database_;
    Options options_;
    std::uint64_t whole_ = 0;
    std::map<std::string, std::uint64_t> restores_;
    std::vector<std::string> findings_;
};

}  // namespace amphora::crash

#pragma once

#include "crash/promises.hpp"
#include "workload/dice.hpp"

#include <amphora/backup.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace amphora::crash {

/// How a copy is to be restored: with the archive of its database or without, and up to which end.
/// As one word for the victim's command line:
///
///   4                        copy 4, everything in it
///   4,archive                continued with the archive's commits
///   4,archive,sequence=900   as of commit 900
///   4,time=1790000000000000  as of that time, in microseconds
struct RestoreWish {
    std::uint64_t copy = 0;
    bool with_archive = false;
    std::optional<std::uint64_t> to_sequence = std::nullopt;
    std::optional<std::int64_t> to_time_us = std::nullopt;

    [[nodiscard]] bool is_to_the_end() const { return !to_sequence && !to_time_us; }
    [[nodiscard]] std::string word() const;
    /// For people, without the numbers: "to a time, with the archive".
    [[nodiscard]] std::string kind() const;
    /// `database`: that was copied. `options`: for the work.
    [[nodiscard]] RestoreOptions options_for(const std::string& database, Options options) const;
};

/// What `RestoreWish::word` says.
[[nodiscard]] RestoreWish to_wish(const std::string& word);

/// The last commit in the archive of the database; nothing if there is none, or more than one run.
[[nodiscard]] std::optional<std::uint64_t> end_of_archive(const std::string& database);

/// A random wish that can be fulfilled and judged: it ends at a commit or at a time only if the
/// promises know what was stored then.
[[nodiscard]] RestoreWish any_wish(const CopyPromise& copy, const Promises& promises,
                                   const std::string& database, workload::Dice& dice);

}  // namespace amphora::crash

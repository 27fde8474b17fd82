#include "crash/copy_trial.hpp"

#include "base/file.hpp"
#include "crash/copy_place.hpp"
#include "workload/schema.hpp"

#include <amphora/amphora.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace amphora::crash {
namespace {

namespace fs = std::filesystem;

/// Of the database that was copied.
std::string timeline_of(const std::string& copy, Options options) {
    options.mode = OpenMode::read_only;
    return Database::open(copy, options).statistics().timeline;
}

/// Removed durably, so that no power cut brings it back in place of another.
void remove_for_good(const std::string& place) {
    fs::remove_all(place);
    operating_system_files().sync_directory(fs::path{place}.parent_path().string());
}

}  // namespace

std::vector<std::string> CopyTrial::look(const Judge& judge, Promises& promises,
                                         workload::Dice& dice,
                                         const std::optional<RestoreWish>& begun) {
    findings_.clear();
    try {
        look_at_unfinished(judge);
    } catch (const std::exception& error) {
        findings_.push_back(fmt::format("an unfinished restore: {}", error.what()));
    }
    // The newest first, because a restore of it may have begun.
    const std::vector<CopyPromise> copies = promises.copies();
    for (auto copy = copies.rbegin(); copy != copies.rend(); ++copy) {
        try {
            look_at(*copy, judge, promises, dice, begun);
        } catch (const std::exception& error) {
            findings_.push_back(fmt::format("copy {}: {}", copy->number, error.what()));
        }
    }
    return findings_;
}

void CopyTrial::look_at(const CopyPromise& copy, const Judge& judge, Promises& promises,
                        workload::Dice& dice, const std::optional<RestoreWish>& begun) {
    const std::string place = place_of_copy(database_, copy.number);
    if (!fs::exists(place)) {
        if (copy.is_made) {
            findings_.push_back(fmt::format("copy {} was made and is not there", copy.number));
        }
        return require_refused(place);
    }
    ++whole_;
    const bool is_begun = begun && begun->copy == copy.number;
    const RestoreWish first = is_begun ? *begun : RestoreWish{.copy = copy.number};
    if (!fs::exists(place_of_restored(database_))) restore(first);
    look_at_restored(copy, first, judge, promises);
    const RestoreWish second = any_wish(copy, promises, database_, dice);
    if (second.kind() == first.kind()) return;
    restore(second);
    look_at_restored(copy, second, judge, promises);
}

void CopyTrial::restore(const RestoreWish& wish) {
    Database::restore(place_of_copy(database_, wish.copy), place_of_restored(database_),
                      wish.options_for(database_, options_));
}

void CopyTrial::look_at_restored(const CopyPromise& copy, const RestoreWish& wish,
                                 const Judge& judge, Promises& promises) {
    ++restores_[wish.kind()];
    const std::string restored = place_of_restored(database_);
    Database database = Database::open(restored, workload::schema, options_);
    const std::string before = timeline_of(place_of_copy(database_, copy.number), options_);
    if (database.statistics().timeline == before) {
        findings_.push_back(fmt::format("copy {} is in the old timeline", copy.number));
    }
    require_end(copy, wish, number(database.snapshot().commit_seen().sequence), promises);
    for (const std::string& what : judge.look_at_restored(database, copy, wish, promises)) {
        findings_.push_back(fmt::format("restore={}: {}", wish.word(), what));
    }
    database.close();
    remove_for_good(restored);
}

void CopyTrial::require_end(const CopyPromise& copy, const RestoreWish& wish, std::uint64_t end,
                            const Promises& promises) {
    std::uint64_t last = copy.last;
    if (wish.with_archive) last = std::max(last, end_of_archive(database_).value_or(0));
    Bounds wanted{.least = last, .most = copy.is_made ? last : UINT64_MAX};
    if (wish.to_sequence) wanted = {.least = *wish.to_sequence, .most = *wish.to_sequence};
    if (wish.to_time_us) {
        wanted = promises.last_made_by(*wish.to_time_us);
        wanted = {.least = std::min(wanted.least, last), .most = std::min(wanted.most, last)};
    }
    if (end >= wanted.least && end <= wanted.most) return;
    findings_.push_back(fmt::format("restore={} ends with commit {}, and not from {} to {}",
                                    wish.word(), end, wanted.least, wanted.most));
}

/// The directory of an unfinished restore is no database. Before the last step, which renames it,
/// it is complete: an opening sees a whole database or none.
void CopyTrial::look_at_unfinished(const Judge& judge) {
    const std::string unfinished = place_of_restored(database_) + ".unfinished";
    if (!fs::exists(unfinished)) return;
    Options options = options_;
    options.mode = OpenMode::read_only;
    std::optional<Database> database;
    try {
        database = Database::open(unfinished, options);
    } catch (const Error&) {
        ++restores_["left unfinished, refused"];
        return;
    }
    ++restores_["left unfinished, whole"];
    for (const std::string& what : judge.look_at_fold(*database)) {
        findings_.push_back(fmt::format("an unfinished restore opens: {}", what));
    }
}

void CopyTrial::require_refused(const std::string& place) {
    for (const std::string& rest : {place, place + ".unfinished"}) {
        Options options = options_;
        options.mode = OpenMode::must_exist;
        try {
            static_cast<void>(Database::open(rest, options));
        } catch (const Error&) {
            continue;
        }
        findings_.push_back(fmt::format("{} is no whole copy and opens", rest));
    }
}

void CopyTrial::clear() const {
    for (const std::string& place : copy_places(database_)) remove_for_good(place);
}

}  // namespace amphora::crash

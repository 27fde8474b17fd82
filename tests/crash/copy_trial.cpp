#include "crash/copy_trial.hpp"

#include "base/file.hpp"
#include "crash/copy_place.hpp"
#include "workload/schema.hpp"

#include <amphora/amphora.hpp>

#include <fmt/format.h>

#include <filesystem>

namespace amphora::crash {
namespace {

namespace fs = std::filesystem;

/// Of the database that was copied.
std::string timeline_of(const std::string& copy, Options options) {
    options.mode = OpenMode::read_only;
    return Database::open(copy, options).statistics().timeline;
}

/// So that no power cut brings it back in the place of another.
void remove_for_good(const std::string& place) {
    fs::remove_all(place);
    operating_system_files().sync_directory(fs::path{place}.parent_path().string());
}

}  // namespace

std::vector<std::string> CopyTrial::look(const Judge& judge, Promises& promises) {
    findings_.clear();
    // The newest first: it is the one that somebody may have begun to restore.
    const std::vector<CopyPromise> copies = promises.copies();
    for (auto copy = copies.rbegin(); copy != copies.rend(); ++copy) {
        try {
            look_at(*copy, judge, promises);
        } catch (const std::exception& error) {
            findings_.push_back(fmt::format("copy {}: {}", copy->number, error.what()));
        }
    }
    return findings_;
}

void CopyTrial::look_at(const CopyPromise& copy, const Judge& judge, Promises& promises) {
    const std::string place = place_of_copy(database_, copy.number);
    if (!fs::exists(place)) {
        if (copy.is_made) {
            findings_.push_back(fmt::format("copy {} was made and is not there", copy.number));
        }
        return require_refused(place);
    }
    ++whole_;
    const std::string restored = place_of_restored(database_);
    if (!fs::exists(restored)) Database::restore(place, restored, {.options = options_});
    look_at_restored(copy, judge, promises);
    if (!fs::exists(archive_)) return;
    Database::restore(place, restored, {.archive = archive_, .options = options_});
    look_at_restored(copy, judge, promises);
}

void CopyTrial::look_at_restored(const CopyPromise& copy, const Judge& judge, Promises& promises) {
    const std::string restored = place_of_restored(database_);
    Database database = Database::open(restored, workload::schema, options_);
    const std::string before = timeline_of(place_of_copy(database_, copy.number), options_);
    if (database.statistics().timeline == before) {
        findings_.push_back(fmt::format("copy {} goes on in the old timeline", copy.number));
    }
    for (const std::string& what : judge.look_at_copy(database, copy, promises)) {
        findings_.push_back(fmt::format("copy {}: {}", copy.number, what));
    }
    database.close();
    remove_for_good(restored);
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
    for (const std::string& place : places_beside(database_)) remove_for_good(place);
}

}  // namespace amphora::crash

#pragma once

#include "events/market.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace amphora::market {

/// A market that is backed up, restored and repaired, with a journal of small segments.
class RestoredMarket : public Market {
  protected:
    RestoredMarket() {
        options_ = small();
        options_.segment_bytes = 64 << 10;
        options_.journal_bytes_max = 4 * options_.segment_bytes;
    }
    [[nodiscard]] std::string place(const std::string& name) { return directory_ / name; }

    Commit visit(Database& database, std::int64_t customer = 0) {
        ++visits_;
        return database.write([&](Transaction& tx) {
            tx.insert(
                visits,
                {{"_id", visits_}, {"customer_id", customer}, {"filling", std::string(1000, 'x')}});
        });
    }
    void visit_many(Database& database, int times) {
        for (int i = 0; i < times; ++i) visit(database);
    }
    /// Closes the database and opens it again, after which both stores hold every commit.
    void reopen() {
        db_.reset();
        open(options_);
    }
    void erase_database() {
        db_.reset();
        std::filesystem::remove_all(path());
    }
    Database restored(const std::string& backup, const std::string& name,
                      RestoreOptions options = {}) {
        options.options = options_;
        Database::restore(place(backup), place(name), options);
        return Database::open(place(name), schema, options_);
    }
    /// The files of the documents are damaged, and the database is repaired.
    void damage_and_repair() {
        db_.reset();
        for (const auto& each : std::filesystem::directory_iterator{path() + "/documents"}) {
            if (each.path().extension() == ".sst") std::filesystem::resize_file(each.path(), 100);
        }
        ASSERT_TRUE(Database::repair_directory(path(), RepairMode::apply, options_).applied);
        open(options_);
    }
    /// Every visit that the journal holds, by its position.
    static std::map<std::string, std::string> changes(const Database& database) {
        std::map<std::string, std::string> found;
        Feed feed = database.feed({.selections = {inserts(visits)}});
        while (const Change* change = feed.next(0ms)) {
            found[to_string(change->position())] = line_of(*change);
        }
        return found;
    }
    static FeedPosition end_of(const Database& database) {
        return database.feed({.start = FeedStart::end}).position().value();
    }

    Options options_;
    std::int64_t visits_ = 0;
};

}  // namespace amphora::market

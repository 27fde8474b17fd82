#pragma once

#include "events/market.hpp"
#include "support/scratch_directory.hpp"

#include <amphora/amphora.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace amphora::market {

inline constexpr Schema first_schema{"first", R"sql(
CREATE TABLE items (item_id BIGINT PRIMARY KEY, name VARCHAR(40) NOT NULL) WITH (before = TRUE);
CREATE COLLECTION notes (item_id BIGINT);
)sql"};
inline constexpr Schema second_schema{"second", R"sql(
CREATE TABLE items (
    item_id BIGINT PRIMARY KEY,
    name VARCHAR(40) NOT NULL,
    price DECIMAL(10,2) NOT NULL DEFAULT 1.50
) WITH (before = TRUE);
CREATE TABLE tags (tag VARCHAR(40) PRIMARY KEY);
CREATE COLLECTION notes (item_id BIGINT);
)sql"};
inline constexpr Table items{"items"};
inline constexpr Table tags{"tags"};
inline constexpr Collection notes{"notes"};

/// One change in one line, as PlainForm writes it from its op on, without its time.
inline std::string shown(const PlainForm& form, const Change& change) {
    const std::string line = form.line(change);
    return line.substr(line.find("\"op\""));
}

struct Seen {
    FeedPosition position;
    std::string line;
    bool operator==(const Seen&) const = default;
};

template <class Source>
std::vector<Seen> all_of(const Source& source, const FeedOptions& options = {}) {
    const PlainForm form{source};
    Feed feed = source.feed(options);
    std::vector<Seen> seen;
    while (const Change* change = feed.next(0ms)) {
        seen.push_back({change->position(), form.line(*change)});
    }
    return seen;
}

inline std::vector<std::string> lines_of(const Archive& archive, const FeedOptions& options = {}) {
    const PlainForm form{archive};
    Feed feed = archive.feed(options);
    std::vector<std::string> lines;
    while (const Change* change = feed.next()) lines.push_back(shown(form, *change));
    EXPECT_TRUE(feed.has_ended());
    return lines;
}

/// Databases whose schema changes, and the archive of their journals.
class ArchivedMarket : public testing::Test {
  protected:
    [[nodiscard]] std::string place(const std::string& name) const { return directory_ / name; }
    [[nodiscard]] Options archiving() const {
        Options options;
        options.profile = Profile::edge;
        options.archive_directory = place("archive");
        return options;
    }
    [[nodiscard]] Database open(const Schema& its, const std::string& name = "db") const {
        return Database::open(place(name), its, archiving());
    }
    [[nodiscard]] Archive archive(const ArchiveOptions& options = {}) const {
        return Archive{place("archive"), options};
    }
    static void put_item(Database& db, std::int64_t id, const std::string& name) {
        db.write([&](Transaction& tx) { tx.put(items, Record{{"item_id", id}, {"name", name}}); });
    }

    /// Later openings recycle nothing.
    static void keep_journal(Database& db) {
        db.feed({.reader = "keeper"}).acknowledge(*db.feed().position());
    }
    /// Three openings, each of which leaves a segment; the second adds a column and a table.
    void three_segments() {
        {
            Database db = open(first_schema);
            keep_journal(db);
            put_item(db, 1, "cup");
            db.write([&](Transaction& tx) {
                tx.insert(notes, {{"_id", 1}, {"item_id", 1}, {"text", "blue"}});
                tx.publish("item.noted", {{"item_id", 1}});
            });
            db.close();
        }
        {
            Database db = open(second_schema);
            put_item(db, 1, "mug");
            db.write([&](Transaction& tx) {
                tx.insert(tags, Record{{"tag", "new"}});
                tx.erase(notes, Id{1});
            });
            live_ = all_of(db);
            db.close();
        }
        {
            Database db = open(second_schema);
            db.write([&](Transaction& tx) { tx.erase(items, 1); });
            put_item(db, 2, "jug");
            db.close();
        }
    }
    /// The archived segments, or what belongs to them, oldest first.
    [[nodiscard]] std::vector<std::string> files(const std::string& extension = ".log") const {
        std::vector<std::string> paths;
        for (const auto& each : std::filesystem::directory_iterator{place("archive")}) {
            if (each.path().extension() == extension) paths.push_back(each.path().string());
        }
        std::ranges::sort(paths);
        return paths;
    }
    static void flip(const std::string& path, std::uint64_t at) {
        std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
        file.seekg(static_cast<std::streamoff>(at));
        const int byte = file.get();
        file.seekp(static_cast<std::streamoff>(at));
        file.put(static_cast<char>(byte ^ 1));
    }
    static std::string contents(const std::filesystem::path& path) {
        std::ostringstream text;
        text << std::ifstream{path, std::ios::binary}.rdbuf();
        return text.str();
    }

    support::ScratchDirectory directory_{support::Scratch::disk, "archive-feed"};
    std::vector<Seen> live_;
};

}  // namespace amphora::market

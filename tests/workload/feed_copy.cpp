#include "workload/feed_copy.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace amphora::workload {

namespace {

std::string text_of(const Record& row) {
    std::string text;
    for (const auto& [column, value] : row) text += fmt::format("{}={} ", column, to_string(value));
    return text;
}

std::string text_of(const BsonValue& id) {
    return to_json(Document{{"_id", id}}, JsonFormat::canonical);
}

}  // namespace

void FeedCopy::open(const Database& database) {
    if (!position_.empty()) {
        try {
            feed_.emplace(database.feed({.after = FeedPosition::parse(position_)}));
            return;
        } catch (const Error& error) {
            const bool is_lost =
                error.code() == ErrorCode::feed_gap || error.code() == ErrorCode::unknown_position;
            if (!is_lost) throw;
        }
    }
    position_.clear();
    spaces_.clear();
    feed_.emplace(database.feed({.start = FeedStart::snapshot}));
}

void FeedCopy::take(const Change& change) {
    if (!change.is_row() && !change.is_document()) return;
    ++changes_;
    Entries& entries = spaces_[std::string{change.name()}];
    const std::string key = change.is_row() ? text_of(change.key()) : text_of(change.id());
    const bool is_new = change.kind() == ChangeKind::insert || change.kind() == ChangeKind::read;
    if (entries.contains(key) == is_new) {
        wrong_.push_back(fmt::format("commit {}: {} of {} {}, which the copy {}",
                                     number(change.commit().sequence), to_string(change.kind()),
                                     change.name(), key, is_new ? "has" : "lacks"));
    }
    if (change.kind() == ChangeKind::erase) {
        entries.erase(key);
    } else if (change.is_row()) {
        entries[key] = text_of(change.row_after()->record());
    } else {
        entries[key] = to_json(*change.document_after(), JsonFormat::canonical);
    }
}

std::vector<std::string> FeedCopy::catch_up(const Database& database) {
    const Snapshot now = database.snapshot();
    database.sync(now.commit_seen());
    while (const Change* const change = feed_->next(std::chrono::milliseconds{0})) take(*change);
    position_ = to_string(feed_->position().value());
    for (const SpaceReport& space : database.describe()) {
        Entries there;
        if (space.is_collection) {
            for (const DocumentView document : now.scan(Collection{space.name})) {
                there[text_of(BsonValue{*document.field("_id")})] =
                    to_json(document, JsonFormat::canonical);
            }
        } else {
            for (const RowView& row : now.scan(Table{space.name})) {
                Record key;
                const Record whole = row.record();
                for (const ColumnReport& column : space.columns) {
                    if (column.primary_key) key.set(column.name, whole[column.name]);
                }
                there[text_of(key)] = text_of(whole);
            }
        }
        const Entries& copy = spaces_[space.name];
        for (const auto& [key, value] : there) {
            const auto found = copy.find(key);
            if (found == copy.end()) {
                wrong_.push_back(fmt::format("the copy of {} lacks {}", space.name, key));
            } else if (found->second != value) {
                wrong_.push_back(fmt::format("{} {} is {}, in the copy {}", space.name, key, value,
                                             found->second));
            }
        }
        for (const auto& [key, value] : copy) {
            if (!there.contains(key)) {
                wrong_.push_back(fmt::format("the copy of {} still has {}", space.name, key));
            }
        }
    }
    return std::exchange(wrong_, {});
}

}  // namespace amphora::workload

#pragma once

#include "journal/journal.hpp"
#include "support/lossy_disk.hpp"

#include <amphora/error.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace amphora::journal {

/// A journal on a lossy disk, in one thread. Each record contains the number of its commit.
class JournalOnDisk : public ::testing::Test {
  protected:
    static constexpr const char* directory = "db/journal";

    JournalOnDisk() {
        identity_.database.bytes[0] = 1;
        identity_.timeline.bytes[0] = 2;
        options_.segment_bytes = 64u << 10;
        options_.reserve_bytes = 0;
        options_.background = Background::manual;
        options_.log = [this](const std::string& line) { log_.push_back(line); };
        Journal::create(disk_, directory, identity_);
    }

    void open(std::vector<Mark> marks = {}) {
        journal_.reset();
        journal_ =
            Journal::open(disk_, directory, identity_, marks, Journal::Mode::read_write, options_);
        last_ = journal_->recovery().last;
    }
    /// The process dies: no closing mark, the page cache stays.
    void die() { journal_.reset(); }
    void lose_power() {
        disk_.stop(support::Fate::power_cut);
        journal_.reset();
        disk_.restart();
    }

    static Buffer record_of(Sequence sequence, std::size_t bytes = 400) {
        Buffer record = "commit " + std::to_string(number(sequence)) + " ";
        record.resize(std::max(bytes, record.size()), 'x');
        return record;
    }
    Sequence append(Durability durability = Durability::synced, std::size_t bytes = 400) {
        journal_->reserve(std::max<std::size_t>(bytes, 32));
        last_ = next(last_);
        journal_->append(last_, durability, record_of(last_, bytes));
        return last_;
    }
    Sequence commit(Durability durability = Durability::synced, std::size_t bytes = 400) {
        append(durability, bytes);
        journal_->await_visible(last_);
        return last_;
    }
    void commit_many(int count) {
        for (int i = 0; i < count; ++i) commit();
    }

    std::vector<Entry> entries(Sequence after = {}) {
        records_.clear();
        std::vector<Entry> found;
        journal_->replay(after, [&](const Entry& entry) {
            records_.push_back(std::make_unique<Buffer>(entry.record));
            found.push_back(entry);
            found.back().record = *records_.back();
        });
        return found;
    }
    /// Every commit up to `last` is in the journal, unchanged.
    void expect_commits(Sequence last, Sequence after = {}) {
        Sequence expected = after;
        for (const Entry& entry : entries(after)) {
            expected = next(expected);
            EXPECT_EQ(entry.sequence, expected);
            EXPECT_EQ(entry.record, record_of(expected, entry.record.size()));
        }
        EXPECT_EQ(expected, last);
    }
    std::vector<std::string> findings() {
        std::vector<std::string> found;
        journal_->check([&](std::string finding) { found.push_back(std::move(finding)); });
        return found;
    }
    std::vector<std::string> segment_files() { return disk_.list(directory); }

    template <class Call>
    static std::string message_of(ErrorCode code, Call&& call) {
        try {
            call();
        } catch (const Error& error) {
            EXPECT_EQ(error.code_name(), to_string(code)) << error.what();
            return error.what();
        }
        ADD_FAILURE() << "no error; expected " << to_string(code);
        return {};
    }

    support::LossyDisk disk_{1};
    Identity identity_;
    JournalOptions options_;
    std::vector<std::string> log_;
    std::unique_ptr<Journal> journal_;
    Sequence last_{};
    std::vector<std::unique_ptr<Buffer>> records_;
};

}  // namespace amphora::journal

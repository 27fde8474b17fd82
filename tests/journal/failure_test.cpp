#include "journal_fixture.hpp"
#include "support/failing_files.hpp"

#include <chrono>
#include <future>

namespace amphora::journal {
namespace {

using support::Fate;

class FailureTest : public JournalOnDisk {};

/// A sync fails. Whether its commits survive is unknown: they end with `outcome_unknown`. The sync
/// is not repeated, because the system forgets the pages that it could not write, and a second sync
/// would succeed. Later commits are refused. What was visible stays visible, nothing more becomes
/// visible, and reading continues.
TEST_F(FailureTest, AFailedSyncIsNeverRetried) {
    open();
    commit_many(2);
    append();
    const Sequence third = append();
    disk_.fail_at(1, Fate::sync_error);
    const std::string message =
        message_of(ErrorCode::outcome_unknown, [&] { journal_->await_visible(third); });
    EXPECT_THAT(message, ::testing::HasSubstr("Input/output error"));
    EXPECT_TRUE(journal_->failed());
    EXPECT_EQ(journal_->visible(), Sequence{2});

    const std::uint64_t syncs = disk_.syncs(), changes = disk_.changes();
    message_of(ErrorCode::outcome_unknown, [&] { journal_->await_durable(third); });
    message_of(ErrorCode::needs_reopen, [&] { journal_->reserve(10); });
    journal_->run_background();
    EXPECT_THROW(journal_->close(), Error);
    EXPECT_EQ(disk_.syncs(), syncs);
    EXPECT_EQ(disk_.changes(), changes);
    EXPECT_EQ(journal_->visible(), Sequence{2});
    EXPECT_EQ(journal_->durable(), Sequence{2});
    EXPECT_TRUE(findings().empty());
    EXPECT_EQ(log_.size(), 1u);

    // Reopening decides: the page cache has the frame, so it is copied, and its commit is durable.
    open();
    EXPECT_EQ(journal_->recovery().last, Sequence{4});
    lose_power();
    open();
    expect_commits(Sequence{4});
}

/// The write itself fails, with the same results.
TEST_F(FailureTest, AFailedWriteEndsWriting) {
    open();
    commit();
    append();
    disk_.fail_at(1, Fate::write_error);
    message_of(ErrorCode::outcome_unknown, [&] { journal_->await_visible(last_); });
    message_of(ErrorCode::needs_reopen, [&] { journal_->reserve(10); });
    open();
    const Sequence last = journal_->recovery().last;
    EXPECT_GE(last, Sequence{1});
    commit();
    expect_commits(next(last));
}

/// The log function may wait for other threads, and these may call the journal meanwhile: the
/// journal never logs with its lock held.
TEST_F(FailureTest, IsToldWithoutTheLock) {
    std::vector<std::future<void>> questions;
    int answered = 0;
    options_.log = [&](const std::string& line) {
        questions.push_back(
            std::async(std::launch::async, [&] { static_cast<void>(journal_->statistics()); }));
        const auto outcome = questions.back().wait_for(std::chrono::seconds{5});
        EXPECT_EQ(outcome, std::future_status::ready) << line;
        ++answered;
    };
    for (const Fate fate : {Fate::write_error, Fate::sync_error}) {
        open();
        append();
        disk_.fail_at(fate == Fate::write_error ? 1 : 2, fate);
        message_of(ErrorCode::outcome_unknown, [&] { journal_->await_visible(last_); });
        questions.clear();
    }
    open();
    append();
    disk_.fail_at(2, Fate::sync_error);
    EXPECT_THROW(journal_->close(), Error);
    questions.clear();
    options_.reserve_bytes = 1ull << 60;
    open();
    message_of(ErrorCode::disk_full, [&] { commit_many(1000); });
    questions.clear();
    EXPECT_EQ(answered, 4);
}

/// A commit that was in the queue after the failing group was never written, and its caller is told
/// so.
TEST_F(FailureTest, WhatQueuedAfterAFailureDidNotHappen) {
    open();
    append();
    disk_.on_sync([this, done = false]() mutable {
        if (done) return;
        done = true;
        append();  // while the first one is being synced
    });
    disk_.fail_at(2, Fate::sync_error);
    message_of(ErrorCode::outcome_unknown, [&] { journal_->await_visible(Sequence{1}); });
    message_of(ErrorCode::needs_reopen, [&] { journal_->await_visible(Sequence{2}); });
    disk_.on_sync({});
    open();
    EXPECT_LE(journal_->recovery().last, Sequence{1});
}

/// The relays are notified of the failure.
TEST_F(FailureTest, FailureIsAnnounced) {
    open();
    int calls = 0;
    journal_->on_durable([&] { ++calls; });
    append();
    disk_.fail_at(1, Fate::sync_error);
    EXPECT_THROW(journal_->await_visible(last_), Error);
    EXPECT_EQ(calls, 1);
    EXPECT_TRUE(journal_->failed());
}

/// If the next segment cannot be made for another reason than room, no commit is in doubt either.
TEST_F(FailureTest, AFailedPreparationHurtsNoCommit) {
    open();
    commit_many(2);
    disk_.fail_at(1, Fate::write_error);
    std::vector<ErrorCode> codes;
    for (int i = 0; i < 30; ++i) {
        try {
            journal_->reserve(9000);
        } catch (const Error& error) {
            codes.push_back(error.code());
            continue;
        }
        disk_.plan_nothing();
        commit(Durability::synced, 9000);
        disk_.fail_at(1, Fate::write_error);
    }
    disk_.plan_nothing();
    EXPECT_EQ(codes.size() % 1, 0u);
    EXPECT_FALSE(journal_->failed());
    const Sequence last = last_;
    die();
    open();
    EXPECT_EQ(journal_->recovery().last, last);
}

/// A check that cannot read reports that. It is not damage, and the next check may read everything.
TEST_F(FailureTest, WhatACheckCannotReadIsNotCalledDamaged) {
    open();
    commit_many(300);  // several segments
    journal_.reset();
    support::FailingFiles files{disk_};
    const auto reading =
        Journal::open(files, directory, identity_, {}, Journal::Mode::read_only, options_);
    for (const auto call : {support::FailingFiles::Call::open, support::FailingFiles::Call::read}) {
        files.fail(call, 3, ErrorCode::io_error);
        message_of(ErrorCode::io_error, [&] {
            reading->check([](const std::string& finding) { ADD_FAILURE() << finding; });
        });
        EXPECT_TRUE(files.has_failed());
        reading->check([](const std::string& finding) { ADD_FAILURE() << finding; });
    }
}

}  // namespace
}  // namespace amphora::journal

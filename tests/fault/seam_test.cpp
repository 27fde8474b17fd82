// Faults in the seam: every call that the journal makes of a file system fails once, with the whole
// outbox above it, in memory and without a process around it.

#include "support/failing_files.hpp"
#include "support/lossy_disk.hpp"
#include "support/vessel.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>

namespace amphora::fault {
namespace {

using support::Content;
using support::FailingFiles;
using support::Fate;
using support::LossyDisk;
using support::MemoryTree;
using support::Writes;
using Call = FailingFiles::Call;

constexpr const char* directory = "db/journal";
constexpr std::uint64_t commits = 20;

Writes writes_of(std::uint64_t commit) {
    return {{"key " + std::to_string(commit % 7), std::to_string(commit)},
            {"body", std::string(3000, static_cast<char>('a' + commit % 26))}};
}

/// A database without its upper floors: journal, outbox and two trees.
class SmallVessel {
  public:
    SmallVessel() {
        identity_.database.bytes[0] = 1;
        identity_.timeline.bytes[0] = 2;
    }
    ~SmallVessel() { die(); }

    void open() {
        if (!is_made_) {
            journal::Journal::create(files, directory, identity_);
            is_made_ = true;
        }
        journal::JournalOptions options;
        options.segment_bytes = 64u << 10;
        options.reserve_bytes = 0;
        options.background = journal::Background::manual;
        const std::array marks{rows_.held(), documents_.held()};
        journal_ = journal::Journal::open(files, directory, identity_, marks,
                                          journal::Journal::Mode::read_write, options);
        outbox_ = std::make_unique<outbox::Outbox>(*journal_, rows_, documents_,
                                                   support::Vessel::quiet(), Log{});
        outbox_->recover();
    }
    /// Without closing.
    void die() {
        outbox_.reset();
        journal_.reset();
    }
    void lose_power() {
        disk_.stop(Fate::power_cut);
        die();
        disk_.restart();
        documents_.cut_power(random_);
    }
    void close() {
        outbox_->close();
        journal_->close();
        die();
    }

    void commit(std::uint64_t number) {
        const Sequence sequence =
            outbox_->commit(support::encode_record(writes_of(number), writes_of(number)),
                            number % 4 == 0 ? Durability::written : Durability::synced);
        outbox_->await_visible(sequence);
        if (number % 5 == 0) journal_->run_background();
        if (number % 9 != 0) return;
        for (const TreeId tree : trees_all) {
            static_cast<void>(outbox_->await_delivered(
                tree, sequence, Deadline{std::chrono::milliseconds{10'000}}));
        }
    }
    [[nodiscard]] std::uint64_t published() const { return number(outbox_->published()); }

    /// Both trees, once everything is delivered, are the fold of so many commits.
    void expect_fold(std::uint64_t of_commits) {
        Content content;
        for (std::uint64_t each = 1; each <= of_commits; ++each) {
            support::fold_into(content, writes_of(each));
        }
        for (const TreeId tree : trees_all) {
            ASSERT_TRUE(outbox_->await_delivered(tree, Sequence{of_commits},
                                                 Deadline{std::chrono::milliseconds{10'000}}));
        }
        EXPECT_EQ(rows_.content(), content);
        EXPECT_EQ(documents_.content(), content);
    }

  private:
    LossyDisk disk_{7};

  public:
    FailingFiles files{disk_};

  private:
    std::mt19937_64 random_{7};
    Identity identity_;
    MemoryTree rows_{MemoryTree::Holds::at_once};
    MemoryTree documents_{MemoryTree::Holds::when_asked};
    bool is_made_ = false;
    std::unique_ptr<journal::Journal> journal_;
    std::unique_ptr<outbox::Outbox> outbox_;
};

struct Fault {
    Call call;
    ErrorCode code;
};
std::ostream& operator<<(std::ostream& out, const Fault& fault) {
    return out << static_cast<int>(fault.call) << " " << to_string(fault.code);
}

class SeamTest : public ::testing::TestWithParam<Fault> {
  protected:
    /// One life with the fault. Notes what was acknowledged and what was begun.
    void live_until_refused(SmallVessel& vessel) {
        acknowledged_ = begun_ = 0;
        try {
            vessel.open();
            while (acknowledged_ < commits) {
                ++begun_;
                commit_with_patience(vessel, begun_);
                ++acknowledged_;
            }
            vessel.close();
        } catch (const Error& error) {
            expect_named(error);
        }
    }
    /// A commit that was refused with nothing changed is tried again: the fault is over.
    void commit_with_patience(SmallVessel& vessel, std::uint64_t number) {
        const std::uint64_t before = vessel.published();
        try {
            vessel.commit(number);
        } catch (const Error& error) {
            expect_named(error);
            const bool nothing_happened =
                error.code() == GetParam().code && vessel.published() == before;
            if (!nothing_happened) throw;
            vessel.commit(number);
        }
    }
    static void expect_named(const Error& error) {
        const std::set<ErrorCode> names{GetParam().code, ErrorCode::outcome_unknown,
                                        ErrorCode::needs_reopen};
        EXPECT_TRUE(names.contains(error.code())) << error.code_name() << " " << error.what();
    }

    std::uint64_t acknowledged_ = 0, begun_ = 0;
};

/// For every call of a kind that fails: the error has a name. After the end of the process or a
/// power cut the acknowledged commits are stored, and nothing else except perhaps the commit that
/// was being written, and the work continues to its end.
TEST_P(SeamTest, NothingAcknowledgedIsLostWhicheverCallFails) {
    std::uint64_t nth = 1;
    for (; !HasFailure(); ++nth) {
        SCOPED_TRACE("call " + std::to_string(nth));
        SmallVessel vessel;
        vessel.files.fail(GetParam().call, nth, GetParam().code);
        live_until_refused(vessel);
        if (!vessel.files.has_failed()) break;
        // What was only `written` may be lost with the power; every fourth is, and its neighbours
        // sync.
        const bool power = nth % 2 == 0;
        power ? vessel.lose_power() : vessel.die();
        vessel.open();
        const std::uint64_t there = vessel.published();
        EXPECT_GE(there, power && acknowledged_ % 4 == 0 && acknowledged_ > 0 ? acknowledged_ - 1
                                                                              : acknowledged_);
        EXPECT_LE(there, begun_);
        vessel.expect_fold(there);
        for (std::uint64_t next = there + 1; next <= commits; ++next) vessel.commit(next);
        vessel.close();
        vessel.open();
        vessel.expect_fold(commits);
    }
    RecordProperty("points", static_cast<int>(nth - 1));
}

INSTANTIATE_TEST_SUITE_P(
    EveryCall, SeamTest,
    ::testing::Values(
        Fault{Call::open, ErrorCode::io_error}, Fault{Call::open, ErrorCode::disk_full},
        Fault{Call::read, ErrorCode::io_error}, Fault{Call::write, ErrorCode::io_error},
        Fault{Call::write, ErrorCode::disk_full}, Fault{Call::sync, ErrorCode::io_error},
        Fault{Call::sync, ErrorCode::disk_full}, Fault{Call::size, ErrorCode::io_error},
        Fault{Call::list, ErrorCode::io_error}, Fault{Call::rename, ErrorCode::io_error},
        Fault{Call::remove, ErrorCode::io_error}, Fault{Call::sync_directory, ErrorCode::io_error},
        Fault{Call::free_bytes, ErrorCode::io_error}));

}  // namespace
}  // namespace amphora::fault

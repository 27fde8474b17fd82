// The newest segment of a journal, or its header, is lost. Every opening must report it and must
// not return fewer commits.

#include "journal/recovery/salvage.hpp"
#include "journal/segment/segment_header.hpp"
#include "journal/segment/successor_block.hpp"
#include "journal_fixture.hpp"

#include <array>
#include <functional>

namespace amphora::journal {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class MissingNewestTest : public JournalOnDisk {
  protected:
    using Image = std::map<std::string, Buffer>;

    /// A way to lose a header, with or without the frames of the file.
    struct Loss {
        const char* name;
        std::function<void(Image&, const std::string&)> happens;
    };
    static std::vector<Loss> losses() {
        const auto cut_to = [](std::size_t bytes) {
            return [bytes](Image& image, const std::string& path) { image.at(path).resize(bytes); };
        };
        const auto zero = [](std::size_t bytes) {
            return [bytes](Image& image, const std::string& path) {
                image.at(path).replace(0, bytes, bytes, '\0');
            };
        };
        return {{"removed", [](Image& image, const std::string& path) { image.erase(path); }},
                {"cut to nothing", cut_to(0)},
                {"cut to one byte", cut_to(1)},
                {"cut to 1000 bytes", cut_to(1000)},
                {"header zeroed", zero(header_bytes)},
                {"header and first frame zeroed", zero(header_bytes + block_bytes)},
                {"zeroed", zero(32u << 10)}};
    }
    [[nodiscard]] static std::string newest(const Image& image) {
        std::string path;
        std::uint64_t highest = 0;
        for (const auto& [name, bytes] : image) {
            const auto header = decode_header(Bytes(bytes).substr(0, header_bytes), name);
            if (!header || header->number <= highest) continue;
            highest = header->number;
            path = name;
        }
        return path;
    }
    /// Every loss of the newest segment is refused, for writers and for readers, and changes
    /// nothing.
    void expect_each_loss_refused(const std::vector<Mark>& marks = {}) {
        ASSERT_EQ(journal_, nullptr);
        const Image intact = disk_.image();
        for (const Loss& loss : losses()) {
            SCOPED_TRACE(loss.name);
            Image damaged = intact;
            loss.happens(damaged, newest(intact));
            disk_.load(damaged);
            message_of(ErrorCode::corrupt, [&] { open(marks); });
            message_of(ErrorCode::corrupt, [&] {
                Journal::open(disk_, directory, identity_, marks, Journal::Mode::read_only,
                              options_);
            });
            EXPECT_EQ(disk_.image(), damaged);
        }
        disk_.load(intact);
    }
};

TEST_F(MissingNewestTest, IsRefusedWhateverIsLeftOfIt) {
    open();
    commit_many(60);
    ASSERT_GT(journal_->statistics().segments_live, 3u);
    die();
    expect_each_loss_refused();
    open();
    expect_commits(Sequence{60});
}

/// The message names the segment, the commit after which it begins, and what to do.
TEST_F(MissingNewestTest, IsNamed) {
    open();
    commit_many(60);
    const std::uint64_t number = journal_->segments().back().number;
    const Sequence last = journal_->segments().back().prior;
    die();
    Image image = disk_.image();
    image.erase(newest(image));
    disk_.load(image);
    EXPECT_THAT(message_of(ErrorCode::corrupt, [&] { open(); }),
                AllOf(HasSubstr("journal/0000"), HasSubstr("number " + std::to_string(number)),
                      HasSubstr("after " + std::to_string(amphora::number(last)) + " are lost"),
                      HasSubstr("put back the journal folder")));
}

/// A lost segment that an opening began is noticed, too, whether or not the journal was closed
/// before and whether or not the segment has commits.
TEST_F(MissingNewestTest, IsRefusedAfterEveryKindOfOpening) {
    open();
    commit_many(3);
    journal_->close();
    die();
    expect_each_loss_refused();
    open();
    die();
    expect_each_loss_refused();
    open();
    commit();
    die();
    expect_each_loss_refused();
    open();  // copies
    die();
    expect_each_loss_refused();
    open();  // the one before is replaced, and copied from again
    die();
    expect_each_loss_refused();
    open();
    commit();
    expect_commits(Sequence{5});
}

/// The segments before it were recycled: no file with a header is left, or only one that came back
/// after a crash.
TEST_F(MissingNewestTest, IsRefusedWhereAllBeforeItWereRecycled) {
    open();
    commit_many(40);
    const Image before = disk_.image();
    const Mark mark = journal_->mark_of(last_);
    journal_->recycle(last_);
    ASSERT_EQ(journal_->statistics().segments_live, 1u);
    const std::string live = journal_->segments().back().path;
    journal_.reset();
    expect_each_loss_refused({mark});

    // The headers of recycled files are not wiped durably. A file that comes back names the newest
    // segment.
    Image image = disk_.image();
    for (auto& [path, bytes] : image) {
        if (path != live) {
            bytes.replace(0, header_copies_bytes, before.at(path), 0, header_copies_bytes);
        }
    }
    image.erase(live);
    disk_.load(image);
    message_of(ErrorCode::corrupt, [&] { open({mark}); });
}

/// If nothing is written after an opening, the next opening replaces its segment. The new segment
/// may be the only one, with no link to it. The replaced one may come back, and then it names the
/// new one.
TEST_F(MissingNewestTest, IsRefusedWhereAReplacedOneComesBack) {
    open();
    commit_many(3);
    journal_->close();
    const Mark mark = journal_->mark_of(last_);
    open({mark});
    journal_->recycle(last_);
    die();
    const Image before = disk_.image();
    const std::string replaced = newest(before);
    open({mark});
    ASSERT_EQ(journal_->segments().size(), 1u) << "nothing was replaced";
    const std::string live = journal_->segments().back().path;
    commit();
    die();
    Image image = disk_.image();
    ASSERT_TRUE(image.contains(replaced));
    image.at(replaced).replace(0, header_copies_bytes, before.at(replaced), 0, header_copies_bytes);
    image.erase(live);
    disk_.load(image);
    EXPECT_THAT(message_of(ErrorCode::corrupt, [&] { open({mark}); }), HasSubstr("is missing"));
}

/// An opening is interrupted at each of its steps, and the next one completes. The headers of the
/// segments that it replaced are wiped without a sync, so a power cut may bring back any of them,
/// and what was before them is recycled. With an unluckily placed interruption nothing had named
/// the new segment in one of them, and then the loss of the new one was not noticed.
TEST_F(MissingNewestTest, IsRefusedWhereOneThatWasReplacedTwiceComesBack) {
    std::uint64_t changes = 0;
    for (bool interrupted = true; interrupted; ++changes) {
        SCOPED_TRACE(changes);
        disk_.load({});
        Journal::create(disk_, directory, identity_);
        open();
        die();
        disk_.fail_at(changes + 1, support::Fate::kill);
        try {
            open();
        } catch (const Error&) {
        }
        interrupted = disk_.stopped();
        die();
        disk_.restart();
        const Image before = disk_.image();
        open();
        commit();
        journal_->recycle(Sequence{});
        die();

        Image image = disk_.image();
        image.erase(newest(image));
        for (const auto& [path, earlier] : before) {
            if (!image.contains(path)) continue;
            Image one_back = image;
            one_back.at(path).replace(0, header_copies_bytes, earlier, 0, header_copies_bytes);
            disk_.load(one_back);
            message_of(ErrorCode::corrupt, [&] { open(); });
        }
    }
    EXPECT_GT(changes, 3u);
}

/// A rescue shows what is left, and reports what is missing.
TEST_F(MissingNewestTest, ARescueReadsUpToIt) {
    open();
    commit_many(60);
    const Sequence prior = journal_->segments().back().prior;
    die();
    Image image = disk_.image();
    image.erase(newest(image));
    disk_.load(image);
    journal_ = Journal::open(disk_, directory, identity_, {}, Journal::Mode::rescue, options_);
    EXPECT_EQ(journal_->recovery().last, prior);
    EXPECT_THAT(journal_->recovery().damage, ElementsAre(HasSubstr("is missing")));
    expect_commits(prior);

    const SalvagedJournal salvaged{disk_, directory, identity_};
    EXPECT_EQ(salvaged.last(), prior);
    EXPECT_THAT(salvaged.gaps(Sequence{}),
                ElementsAre(HasSubstr("after " + std::to_string(number(prior)) + " is lost")));
}

/// Zeros in the place of the header look like a recycled file. The segment before it names the
/// file, so its frames are found.
TEST_F(MissingNewestTest, SalvageFindsItsFrames) {
    open();
    commit_many(60);
    die();
    Image image = disk_.image();
    image.at(newest(image)).replace(0, header_bytes, header_bytes, '\0');
    disk_.load(image);
    const SalvagedJournal salvaged{disk_, directory, identity_};
    EXPECT_EQ(salvaged.last(), Sequence{60});
    EXPECT_TRUE(salvaged.gaps(Sequence{}).empty());
}

/// One damaged sector in the block that names the next segment is survived. Bytes from an earlier
/// use of the file name nothing.
TEST_F(MissingNewestTest, TheNameIsKeptTwice) {
    const Successor successor{.number = 7, .salt = 77};
    Buffer blocks(header_bytes, '\0');
    EXPECT_FALSE(decode_successor(blocks, 5));
    blocks.replace(successor_offset, block_bytes, encode_successor(successor, 5));
    EXPECT_EQ(decode_successor(blocks, 5), successor);
    EXPECT_FALSE(decode_successor(blocks, 6));
    for (const std::size_t half : {std::size_t{0}, block_bytes / 2}) {
        for (std::size_t at = 0; at < 40; ++at) {
            Buffer damaged = blocks;
            damaged[successor_offset + half + at] ^= 4;
            EXPECT_EQ(decode_successor(damaged, 5), successor);
            damaged[successor_offset + block_bytes / 2 - half + at] ^= 4;
            EXPECT_FALSE(decode_successor(damaged, 5));
        }
    }
    EXPECT_FALSE(decode_successor(Bytes(blocks).substr(0, header_bytes - 1), 5));
}

/// `check` finds a damaged name, whether the journal is being written or only read.
TEST_F(MissingNewestTest, CheckFindsADamagedName) {
    open();
    commit_many(40);
    EXPECT_TRUE(findings().empty());
    const std::string path = journal_->segments()[1].path;
    disk_.damage(path, successor_offset, Buffer(block_bytes, 'd'));
    EXPECT_THAT(findings(), ElementsAre(HasSubstr("offset 8192")));
    journal_ = Journal::open(disk_, directory, identity_, {}, Journal::Mode::read_only, options_);
    EXPECT_THAT(findings(), ElementsAre(HasSubstr("offset 8192")));
    open();
    expect_commits(Sequence{40});
}

/// A recycled file is used again, and the power fails before its new header is synced. The old
/// header may be kept, because wiping it was not synced either: then the segment is live again. It
/// must still name its successor. It did not: the new header was written together with zeros in
/// place of the name.
TEST_F(MissingNewestTest, ARecycledOneThatComesBackStillNamesItsSuccessor) {
    open();
    while (journal_->statistics().segments_live < 5) commit();
    const SegmentExtent first = journal_->segments()[1];
    ASSERT_EQ(first.prior, Sequence{}) << "the first one with commits";
    const Buffer old_header = disk_.content(first.path).substr(0, header_copies_bytes);
    const Mark mark = journal_->mark_of(first.last);
    journal_->recycle(first.last);

    Image before_sync;
    disk_.on_sync([&] {
        const auto now = decode_header(
            Bytes(disk_.content(first.path)).substr(0, header_copies_bytes), first.path);
        if (now && before_sync.empty()) before_sync = disk_.image();
    });
    while (before_sync.empty()) commit();
    disk_.on_sync({});
    before_sync.at(first.path).replace(0, header_copies_bytes, old_header);
    die();
    disk_.load(before_sync);
    open({mark});
    EXPECT_EQ(journal_->segments().front().path, first.path);
    EXPECT_THAT(findings(), ElementsAre());
    expect_commits(journal_->recovery().last);
}

/// The power is cut at each step of a change of segments, and of an opening. Nothing is missing, so
/// nothing may be reported as missing.
TEST_F(MissingNewestTest, NoPowerCutLooksLikeIt) {
    std::uint64_t changes = 0;
    for (bool cut = true; cut; ++changes) {
        for (std::uint64_t seed = 0; seed < 8; ++seed) {
            disk_.load({});
            Journal::create(disk_, directory, identity_);
            open();
            commit_many(11);  // the next does not fit
            Sequence durable = journal_->durable();
            disk_.fail_at(changes + 1, support::Fate::power_cut);
            try {
                commit_many(2);
                durable = journal_->durable();
                die();
                open();
                commit();
                durable = journal_->durable();
            } catch (const Error&) {
            }
            cut = disk_.stopped();
            if (journal_) durable = std::max(durable, journal_->durable());
            disk_.stop(support::Fate::power_cut);
            journal_.reset();
            disk_.restart();
            ASSERT_NO_THROW(open()) << "after " << changes << " changes";
            ASSERT_GE(journal_->recovery().last, durable) << "after " << changes << " changes";
            expect_commits(journal_->recovery().last);

            // Whatever happened to the attempt before, a commit that comes now would be missed.
            commit();
            die();
            Image image = disk_.image();
            image.erase(newest(image));
            disk_.load(image);
            message_of(ErrorCode::corrupt, [&] { open(); });
        }
    }
    EXPECT_GT(changes, 20u);
}

}  // namespace
}  // namespace amphora::journal

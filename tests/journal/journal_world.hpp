#pragma once

#include "journal/journal_cursor.hpp"
#include "journal/segment/segment_header.hpp"
#include "support/lossy_disk.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

/// A world in which a journal lives: a lossy disk under it, two trees that remember a mark, a
/// program that commits, and a judge who knows what was promised.
///
/// The judge requires, after every reopening:
///   - every commit that was durable is there, byte for byte, once, in its place;
///   - after the end of the process alone, so is every commit that was `written`;
///   - anything else that is there was appended, in order, without gaps;
///   - damage is never reported where only power was lost;
///   - if the newest segment is removed, fewer commits are never shown without an error;
///   - an epoch is never given twice, and within it time never decreases;
///   - a reader gets every durable commit after its position once, byte for byte, and nothing that
///     a failure could take back, whatever is recycled meanwhile.
namespace amphora::journal {

/// A violated promise, in words; the test adds the seed.
struct Broken : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class JournalWorld {
  public:
    struct Options {
        std::uint64_t segment_bytes = 64u << 10;
        std::size_t record_bytes_max = 3000;
    };
    struct Counts {
        std::uint64_t openings = 0, commits = 0, cuts = 0, kills = 0, errors = 0, recycled = 0;
        std::uint64_t copied = 0, torn = 0;
        std::uint64_t newest_missed = 0, newest_without_commits = 0;
        std::uint64_t read = 0, held = 0;  ///< by cursors; recycling that waited for them
    };

    JournalWorld(std::uint64_t seed, Options options)
        : disk_{seed * 2 + 1}, random_{seed}, options_{options} {
        identity_.database.bytes[0] = 7;
        identity_.timeline.bytes[0] = 9;
        disk_.make_directory(directory);
        disk_.sync_directory(directory);
    }

    static constexpr const char* directory = "db/journal";

    /// Some lifetimes of the program. Each ends with a failure or with a normal end.
    void live(int lifetimes) {
        create();
        for (int i = 0; i < lifetimes; ++i) live_once();
        disk_.plan_nothing();
        open();
        journal_->close();
        let_go();
    }

    [[nodiscard]] const Counts& counts() const { return counts_; }

  private:
    struct Committed {
        Epoch epoch{};
        Buffer record;
        Durability durability{};
    };

    std::uint64_t dice(std::uint64_t sides) { return random_() % sides; }

    static void require(bool truth, const std::string& otherwise) {
        if (!truth) throw Broken(otherwise);
    }

    JournalOptions options() const {
        return {.segment_bytes = options_.segment_bytes,
                .first_segment_bytes = options_.segment_bytes / 2,
                .reserve_bytes = 0,
                .spare_segments_max = 2,
                .background = Background::manual,
                .log = {}};
    }

    /// After a crash, a database that was not yet acknowledged is made again.
    void create() {
        for (;;) {
            if (dice(2) == 0) {
                disk_.fail_at(1 + dice(6), dice(2) == 0 ? Fate::power_cut : Fate::kill);
            }
            try {
                Journal::create(disk_, directory, identity_);
                disk_.plan_nothing();
                return;
            } catch (const Error&) {
                require(disk_.stopped(), "create failed without a reason");
                disk_.restart();
            }
        }
    }

    void live_once() {
        plan();
        if (try_open()) {
            const std::uint64_t actions = 1 + dice(40);
            for (std::uint64_t i = 0; i < actions && journal_ && !disk_.stopped(); ++i) act();
        }
        if (!disk_.stopped()) {
            const std::uint64_t end = dice(8);
            if (end < 3) disk_.stop(Fate::power_cut);
            if (end >= 3 && end < 6) disk_.stop(Fate::kill);
            // Otherwise the program ends by itself; the file system stays as it is.
        }
        if (journal_) durable_ = std::max(durable_, journal_->durable());
        let_go();
        if (disk_.fate() == Fate::power_cut) {
            ++counts_.cuts;
            seen_ = durable_;
        } else {
            counts_.kills += disk_.stopped() ? 1 : 0;
        }
        disk_.restart();
        if (dice(3) == 0) judge_without_newest();
    }

    /// On another disk, so that this one keeps what it may still lose.
    void judge_without_newest() {
        auto image = disk_.image();
        auto newest = image.end();
        std::uint64_t highest = 0;
        for (auto file = image.begin(); file != image.end(); ++file) {
            const auto header = decode_header(Bytes(file->second).substr(0, header_bytes), "");
            if (!header || header->number <= highest) continue;
            highest = header->number;
            newest = file;
        }
        require(newest != image.end(), "no segment has a header");
        if (dice(2) == 0) {
            image.erase(newest);
        } else {
            newest->second.replace(0, std::min<std::size_t>(newest->second.size(), header_bytes),
                                   header_bytes, '\0');
        }
        support::LossyDisk other(1);
        other.load(image);
        try {
            const auto left = Journal::open(other, directory, identity_,
                                            std::vector(marks_.begin(), marks_.end()),
                                            Journal::Mode::read_only, options());
            require(left->recovery().last >= std::max(durable_, seen_),
                    "a missing newest segment is not noticed");
            ++counts_.newest_without_commits;
        } catch (const Error&) {
            ++counts_.newest_missed;
        }
    }

    void plan() {
        switch (dice(7)) {
            case 0:
            case 1:
                return disk_.fail_at(1 + dice(12), Fate::power_cut);  // inside opening, mostly
            case 2:
                return disk_.fail_at(1 + dice(12), Fate::kill);
            case 3:
                return disk_.fail_at(1 + dice(120), Fate::power_cut);
            case 4:
                return disk_.fail_at(1 + dice(120), dice(2) == 0 ? Fate::kill : Fate::sync_error);
            case 5:
                return disk_.fail_at(1 + dice(120),
                                     dice(2) == 0 ? Fate::write_error : Fate::disk_full);
            default:
                return;
        }
    }

    /// False if a planned failure came first.
    bool try_open() {
        for (int attempt = 0;; ++attempt) {
            const std::uint64_t changes = disk_.changes();
            try {
                open();
                return true;
            } catch (const Error& error) {
                let_go();
                if (disk_.stopped()) return false;
                // A failed write or sync that was planned: the program starts again.
                require(error.code() == ErrorCode::io_error || error.code() == ErrorCode::disk_full,
                        std::string("open says: ") + error.what());
                require(disk_.changes() > changes && attempt == 0,
                        std::string("open fails for no reason: ") + error.what());
                ++counts_.errors;
            }
        }
    }

    void open() {
        std::vector<Mark> marks(marks_.begin(), marks_.end());
        try {
            journal_ = Journal::open(disk_, directory, identity_, marks, Journal::Mode::read_write,
                                     options());
        } catch (const Error& error) {
            if (error.code() == ErrorCode::corrupt || error.code() == ErrorCode::foreign_piece) {
                throw Broken(std::string("false alarm: ") + error.what());
            }
            throw;
        }
        ++counts_.openings;
        const Recovery& recovery = journal_->recovery();
        counts_.copied += recovery.frames_copied;
        counts_.torn += recovery.bytes_cut > 0 ? 1 : 0;
        require(recovery.epoch > epoch_, "an epoch was given twice");
        epoch_ = recovery.epoch;
        judge(recovery);
    }

    void judge(const Recovery& recovery) {
        std::ostringstream what;
        what << "recovered to " << number(recovery.last) << ", durable was " << number(durable_)
             << ", seen by others " << number(seen_) << ", appended " << history_.size();
        require(recovery.last >= durable_, "lost what was durable: " + what.str());
        require(recovery.last >= seen_,
                "lost what was written, and only the process had died: " + what.str());
        require(number(recovery.last) <= history_.size(),
                "found more than was written: " + what.str());
        history_.resize(number(recovery.last));
        const Sequence from = std::min(marks_[0].sequence, marks_[1].sequence);
        Sequence expected = from;
        std::int64_t time_us = 0;
        Epoch epoch{};
        journal_->replay(from, [&](const Entry& entry) {
            expected = next(expected);
            require(entry.sequence == expected, "replayed out of order");
            const Committed& truth = history_[number(expected) - 1];
            require(entry.record == truth.record, "replayed another record");
            require(entry.epoch == truth.epoch, "replayed under another epoch");
            require(entry.epoch > epoch || entry.time_us >= time_us, "time falls");
            epoch = entry.epoch;
            require(journal_->mark_of(expected).chain == entry.chain,
                    "mark_of names another frame");
            time_us = entry.time_us;
        });
        require(expected == recovery.last, "replay ends early: " + what.str());
        require(journal_->visible() == recovery.last && journal_->durable() == recovery.last,
                "what was recovered is not durable");
        durable_ = seen_ = recovery.last;
        journal_->check([](const std::string& finding) { throw Broken("check: " + finding); });
    }

    void act() {
        try {
            switch (dice(15)) {
                case 0:
                    return journal_->run_background();
                case 1:
                    return deliver();
                case 2:
                    return recycle();
                case 3:
                    if (!history_.empty()) journal_->await_durable(sequence_now());
                    return note_durable();
                case 4:
                    return check();
                case 5:
                    if (dice(4) == 0) close();
                    return;
                case 6:
                    return open_cursor();
                case 7:
                case 8:
                    return read();
                default:
                    return commit();
            }
        } catch (const Error& error) {
            failed(error);
        }
    }

    [[nodiscard]] Sequence sequence_now() const { return Sequence{history_.size()}; }

    void commit() {
        const std::uint64_t group = 1 + dice(4);
        for (std::uint64_t i = 0; i < group; ++i) {
            Buffer record(dice(options_.record_bytes_max), '\0');
            for (std::size_t at = 0; at < record.size(); at += sizeof(std::uint64_t)) {
                const std::uint64_t bits = random_();
                std::memcpy(record.data() + at, &bits, std::min(sizeof bits, record.size() - at));
            }
            const auto durability = static_cast<Durability>(std::array{0, 1, 1, 2, 2, 2}[dice(6)]);
            journal_->reserve(record.size());
            history_.push_back({.epoch = epoch_, .record = record, .durability = durability});
            journal_->append(sequence_now(), durability, std::move(record));
            ++counts_.commits;
        }
        if (dice(5) > 0) journal_->await_visible(sequence_now());
        note_durable();
    }

    /// Notes what is promised by now.
    void note_durable() {
        if (!journal_) return;
        durable_ = std::max(durable_, journal_->durable());
        const Sequence visible = journal_->visible();
        if (visible <= seen_) return;
        Sequence synced{}, written{};
        for (std::uint64_t at = number(visible); at > number(seen_) && number(synced) == 0; --at) {
            const Durability durability = history_[at - 1].durability;
            if (durability == Durability::synced) synced = Sequence{at};
            if (durability == Durability::written && number(written) == 0) written = Sequence{at};
        }
        // Earlier commits come before later ones: what was promised to one holds for all before it.
        durable_ = std::max(durable_, synced);
        require(journal_->durable() >= synced, "visible before durable");
        seen_ = std::max({seen_, synced, written});
    }

    void deliver() {
        note_durable();
        Mark& mark = marks_[dice(2)];
        const std::uint64_t lag = number(journal_->durable()) - number(mark.sequence);
        if (lag == 0) return;
        mark = journal_->mark_of(Sequence{number(mark.sequence) + 1 + dice(lag)});
    }

    void recycle() {
        const auto before = journal_->statistics().segments_live;
        journal_->recycle(std::min(marks_[0].sequence, marks_[1].sequence));
        counts_.recycled += before - journal_->statistics().segments_live;
        counts_.held += journal_->bytes_for_feeds() > 0 ? 1 : 0;
        const Sequence recycled = journal_->statistics().recycled;
        for (const auto& cursor : cursors_) {
            require(cursor->position() >= recycled, "recycled what a cursor has to read");
        }
    }

    /// Opens a cursor somewhere, moves one, or lets one go.
    void open_cursor() {
        if (cursors_.size() == 3) cursors_.erase(cursors_.begin());
        cursors_.push_back(journal_->cursor());
        const Sequence first = cursors_.back()->position();
        const Sequence durable = journal_->durable();
        const Sequence after{dice(number(durable) + 3)};
        const auto expected = after < first     ? JournalCursor::Seek::recycled
                              : after > durable ? JournalCursor::Seek::not_durable
                                                : JournalCursor::Seek::found;
        require(cursors_.back()->seek(after) == expected, "another answer to a seek");
    }

    /// Reads some commits by one of the cursors, or all there are.
    void read() {
        if (cursors_.empty()) return;
        JournalCursor& cursor = *cursors_[dice(cursors_.size())];
        for (std::uint64_t left = dice(2) == 0 ? dice(10) : UINT64_MAX; left > 0; --left) {
            const Sequence expected = next(cursor.position());
            const auto entry = cursor.next();
            require(entry.has_value() == (expected <= journal_->durable()),
                    "a cursor gives what is not durable, or not what is");
            if (!entry) return;
            const Committed& truth = history_[number(expected) - 1];
            require(entry->sequence == expected && cursor.position() == expected &&
                        entry->record == truth.record && entry->epoch == truth.epoch &&
                        entry->chain == journal_->mark_of(expected).chain,
                    "a cursor gives another commit");
            ++counts_.read;
        }
    }

    /// The end of the journal's life in this process.
    void let_go() {
        cursors_.clear();
        journal_.reset();
    }

    void check() {
        journal_->check([&](const std::string& finding) {
            if (!disk_.stopped()) throw Broken("check: " + finding);
        });
    }

    void close() {
        journal_->close();
        note_durable();
        let_go();
    }

    void failed(const Error& error) {
        if (disk_.stopped()) return;
        ++counts_.errors;
        if (error.code() == ErrorCode::disk_full) return;  // nothing was changed; continue
        require(error.code() == ErrorCode::outcome_unknown ||
                    error.code() == ErrorCode::needs_reopen || error.code() == ErrorCode::io_error,
                std::string("unexpected: ") + error.what());
        if (journal_->failed()) {
            note_durable();
            let_go();  // and opened again, in the next life, from what the page cache shows
        }
    }

    support::LossyDisk disk_;
    std::mt19937_64 random_;
    Options options_;
    Identity identity_;
    std::unique_ptr<Journal> journal_;
    std::vector<std::unique_ptr<JournalCursor>> cursors_;
    std::vector<Committed> history_;  ///< by sequence, from 1
    std::array<Mark, 2> marks_{};
    Epoch epoch_{};
    Sequence durable_{};  ///< must survive everything
    Sequence seen_{};     ///< must survive the death of the process
    Counts counts_;

    using Fate = support::Fate;
};

}  // namespace amphora::journal

#include "journal/journal.hpp"

#include "journal/journal_cursor.hpp"
#include "journal/live/live_journal.hpp"
#include "journal/recovery/opening.hpp"
#include "journal/recovery/read_only_journal.hpp"

#include <amphora/error.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace amphora::journal {
namespace {

constexpr std::uint64_t segment_bytes_least = 8 * block_bytes;
constexpr std::uint64_t segment_bytes_most = 1u << 30;

/// A writer may recycle a segment while it is read; then everything is read again.
constexpr int looks_max = 8;

JournalOptions checked(JournalOptions options) {
    options.segment_bytes = to_block(options.segment_bytes);
    if (options.segment_bytes < segment_bytes_least || options.segment_bytes > segment_bytes_most) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("segment_bytes is {}; it must be from {} to {}",
                                options.segment_bytes, segment_bytes_least, segment_bytes_most)};
    }
    options.first_segment_bytes = std::clamp(to_block(options.first_segment_bytes),
                                             segment_bytes_least, options.segment_bytes);
    return options;
}

Survey survey_while_written(FileSystem& files, const std::string& directory,
                            const Identity& identity, std::span<const Mark> marks,
                            SegmentFiles kind) {
    for (int looks = 1;; ++looks) {
        try {
            return survey_journal(files, directory, identity, marks, kind);
        } catch (const Error& error) {
            if (error.code() == ErrorCode::newer_format || looks == looks_max) throw;
        }
    }
}

std::unique_ptr<Journal> open_to_rescue(FileSystem& files, const std::string& directory,
                                        const Identity& identity, std::span<const Mark> marks,
                                        SegmentFiles kind) {
    Survey survey;
    try {
        survey = survey_journal(files, directory, identity, marks, kind, AtDamage::end);
    } catch (const Error& error) {
        survey.damage.push_back(error.what());
    }
    // A commit that a tree shows has happened, whatever the journal holds.
    for (const Mark& mark : marks) {
        if (mark.sequence > survey.index.last().sequence) survey.index.add(mark);
    }
    return std::make_unique<ReadOnlyJournal>(files, std::move(survey));
}

/// Only a `create` that was interrupted may be started again.
void require_unused(const File& file) {
    const auto header = decode_header(file.read_at(0, header_bytes), file.path());
    const bool opened = header && header->predecessor.number != 0;
    if (opened || peek_frame(file.read_at(header_bytes, frame_header_bytes))) {
        throw Error{
            ErrorCode::foreign_piece,
            fmt::format(
                "{}: belongs to a journal that has been in use; a new one is not made over it. "
                "If the file IDENTITY of its database is lost, restore it",
                place_of(file.path()))};
    }
}

}  // namespace

std::unique_ptr<JournalCursor> Journal::cursor() {
    return cursor(HoldOptions{});
}

void Journal::replay(Sequence after, const std::function<void(const Entry&)>& visit) {
    const auto cursor = this->cursor();
    switch (cursor->seek(after)) {
        case JournalCursor::Seek::recycled:
            throw Error{
                ErrorCode::foreign_piece,
                fmt::format("the journal: commits {} to {} are wanted, but it does not hold them "
                            "any more; put back all parts from one backup",
                            number(after) + 1, number(cursor->position()))};
        case JournalCursor::Seek::not_durable:
            return;
        case JournalCursor::Seek::found:
            break;
    }
    while (const auto entry = cursor->next()) visit(*entry);
}

void Journal::create(FileSystem& files, const std::string& directory, const Identity& identity,
                     const Beginning& beginning) {
    const auto leftovers = segment_paths(files, directory);
    for (const std::string& path : leftovers) {
        require_unused(*files.open(path, OpenFile::existing_read_only));
    }
    for (const std::string& path : leftovers) files.remove(path);

    const std::uint64_t salt = random_bits();
    const SegmentHeader header{.identity = identity,
                               .epoch = beginning.epoch,
                               .nonce = random_bits(),
                               .number = 1,
                               .salt = salt,
                               .prior = beginning.prior,
                               .prior_time_us = beginning.prior_time_us,
                               .predecessor = {}};
    const auto file = files.open(directory + "/000001.log", OpenFile::create_new);
    file->write_at(0, encode(header));
    file->sync();
    files.sync_directory(directory);
}

std::unique_ptr<Journal> Journal::open(FileSystem& files, const std::string& directory,
                                       const Identity& identity, std::span<const Mark> marks,
                                       Mode mode, JournalOptions options) {
    if (mode == Mode::rescue) {
        return open_to_rescue(files, directory, identity, marks, options.files);
    }
    if (mode == Mode::read_only) {
        return std::make_unique<ReadOnlyJournal>(
            files, survey_while_written(files, directory, identity, marks, options.files));
    }
    options = checked(std::move(options));
    return std::make_unique<LiveJournal>(
        files, open_for_writing(files, directory, identity, marks, options), options);
}

}  // namespace amphora::journal

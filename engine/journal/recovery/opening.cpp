#include "journal/recovery/opening.hpp"

#include "base/assert.hpp"
#include "journal/segment/successor_block.hpp"

#include <amphora/error.hpp>

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

namespace amphora::journal {
namespace {

constexpr std::uint64_t opening_bytes_least = 64u << 10;

std::uint64_t bytes_of_copies(const Survey& survey) {
    std::uint64_t bytes = 0;
    for (const UnprovenFrame& frame : survey.unproven) bytes += to_block(frame.bytes.size());
    return bytes;
}

/// If no spare is ready, the first segment of an opening is small, so that opening a small database
/// costs little. On a full disk an even smaller file is enough: reading works, and writing once
/// there is room.
std::unique_ptr<File> file_for_opening(SegmentPool& pool, std::uint64_t copies,
                                       const JournalOptions& options) {
    // Headers, copies, one block for a commit, and those for marks.
    const std::uint64_t least = segment_bytes_of(to_block(copies) + block_bytes);
    try {
        return pool.take_or_make(
            {.bytes_least = least, .bytes_if_new = copies + options.first_segment_bytes});
    } catch (const Error& error) {
        if (error.code() != ErrorCode::disk_full) throw;
    }
    return pool.take_or_make({.bytes_least = least, .bytes_if_new = opening_bytes_least});
}

SegmentHeader fresh_header(const Survey& survey, const Identity& identity) {
    SegmentHeader header{.identity = identity,
                         .epoch = Epoch{number(survey.epoch_highest) + 1},
                         .nonce = random_bits(),
                         .number = survey.number_highest + 1,
                         .salt = random_bits(),
                         .prior = survey.proven,
                         .prior_time_us = survey.proven_time_us,
                         .predecessor = survey.link_if_empty};
    if (!survey.chain.empty()) {
        const ChainSegment& last = survey.chain.back();
        header.predecessor = {.number = last.header.number,
                              .salt = last.header.salt,
                              .end = last.end,
                              .chain = last.chain};
    }
    return header;
}

/// Copies keep their epoch, sequences and time; only their position in the chain is new.
void copy_unproven(ActiveSegment& segment, const Survey& survey, FrameIndex& index) {
    FrameBuilder builder;
    std::vector<Bytes> records;
    for (const UnprovenFrame& unproven : survey.unproven) {
        AMPHORA_ASSERT(split_records(unproven.header, unproven.bytes, records));
        builder.begin();
        for (const Bytes record : records) builder.add(record);
        FrameHeader header{.kind = FrameKind::copied,
                           .epoch = unproven.header.epoch,
                           .first = unproven.header.first,
                           .commits = unproven.header.commits,
                           .durable_offset = header_bytes,
                           .durable = survey.proven.sequence,
                           .time_us = unproven.header.time_us};
        segment.write(builder, header);
        index.add({.epoch = header.epoch, .sequence = header.last(), .chain = header.checksum});
    }
    segment.sync();
    segment.begin_block();
}

/// Names the new segment in the one that it is linked to, and in all that were replaced, now or
/// before: their headers are wiped without a sync and may come back. If the new one is lost, the
/// loss is noticed, whichever of them is found.
void name_successor(FileSystem& files, const Survey& survey, const SegmentHeader& fresh) {
    const Successor successor{.number = fresh.number, .salt = fresh.salt};
    if (!survey.chain.empty()) {
        const ChainSegment& last = survey.chain.back();
        write_successor(*files.open(last.path, OpenFile::existing), last.header.salt, successor);
    }
    if (!survey.superseded.empty()) {
        write_successor(*files.open(survey.superseded, OpenFile::existing), survey.superseded_salt,
                        successor);
    }
    for (const std::string& path : survey.outside) {
        const auto file = files.open(path, OpenFile::existing);
        const auto header = decode_header(file->read_at(0, header_bytes), path);
        if (header) write_successor(*file, header->salt, successor);
    }
}

}  // namespace

std::uint64_t random_bits() {
    const Uuid uuid = make_uuid();
    std::uint64_t bits = 0;
    std::memcpy(&bits, uuid.bytes.data(), sizeof bits);
    return bits | 1;  // never 0, which means none
}

Recovery recovery_of(const Survey& survey) {
    return {.epoch = survey.epoch_highest,
            .oldest = survey.oldest(),
            .last = survey.index.last().sequence,
            .frames_copied = 0,
            .bytes_cut = survey.bytes_cut,
            .cut_place = survey.cut_place,
            .closed_cleanly = survey.closed_cleanly,
            .damage = survey.damage};
}

Opened open_for_writing(FileSystem& files, const std::string& directory, const Identity& identity,
                        std::span<const Mark> marks, const JournalOptions& options) {
    Survey survey = survey_journal(files, directory, identity, marks, options.files);
    Opened opened{
        .recovery = recovery_of(survey),
        .closed = {},
        .active = nullptr,
        .pool = std::make_unique<SegmentPool>(
            files, SegmentPool::Options{.directory = directory,
                                        .segment_bytes = options.segment_bytes,
                                        .first_segment_bytes = options.first_segment_bytes,
                                        .reserve_bytes = options.reserve_bytes,
                                        .spares_max = options.spare_segments_max}),
        .index = std::move(survey.index),
        .last_time_us = survey.last_time_us};
    SegmentPool& pool = *opened.pool;
    for (const std::string& path : survey.headless) pool.adopt(path);
    files.sync_directory(directory);  // a crash may have left names that are not on the disk

    const std::uint64_t copies = bytes_of_copies(survey);
    opened.active = std::make_unique<ActiveSegment>(file_for_opening(pool, copies, options),
                                                    fresh_header(survey, identity));
    ActiveSegment& active = *opened.active;
    opened.recovery.epoch = active.header().epoch;
    opened.index.drop_after(survey.proven.sequence);
    if (!survey.unproven.empty()) {
        active.wipe_header();
        copy_unproven(active, survey, opened.index);
        opened.recovery.frames_copied = survey.unproven.size();
    }
    active.header().copies_end = active.end();
    active.write_header();

    name_successor(files, survey, active.header());
    // Only now the replaced segments are not needed any more. This includes those that the
    // superseded one had replaced: its header, although it was read, may never have reached the
    // disk.
    for (const std::string& path : survey.outside) pool.give_back(path);
    if (!survey.superseded.empty()) pool.give_back(survey.superseded);
    opened.closed = std::move(survey.chain);
    return opened;
}

}  // namespace amphora::journal

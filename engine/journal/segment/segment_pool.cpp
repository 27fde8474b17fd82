#include "journal/segment/segment_pool.hpp"

#include "journal/segment/segment_header.hpp"

#include <amphora/error.hpp>

#include <algorithm>
#include <charconv>
#include <new>
#include <utility>

#include <fmt/format.h>

namespace amphora::journal {
namespace {

/// Synced piece by piece. So a commit's sync never waits for a whole segment of zeros, and a commit
/// that needs the next segment before it is complete waits for one piece at most.
constexpr std::uint64_t piece_bytes_max = 2u << 20;
constexpr std::uint64_t pieces_least = 2;

/// A disk with room for fewer segments of full size counts as short of room.
constexpr std::uint64_t ample_segments = 8;
/// A recycled segment that is smaller than this part of the next one is not used again.
constexpr std::uint64_t far_smaller = 4;

/// The number in a name like "000003.log"; 0 for others.
std::uint64_t number_in(const std::string& name) {
    std::uint64_t number = 0;
    std::from_chars(name.data(), name.data() + name.size(), number);
    return number;
}

}  // namespace

SegmentPool::SegmentPool(FileSystem& files, Options options)
    : files_{files},
      options_{std::move(options)},
      piece_bytes_{std::min(piece_bytes_max, to_block(options_.segment_bytes / pieces_least))},
      aim_{options_.first_segment_bytes} {
    std::uint64_t highest = 0;
    for (const std::string& name : files_.list(options_.directory)) {
        highest = std::max(highest, number_in(name));
    }
    next_name_ = highest + 1;
}

SegmentPool::~SegmentPool() {
    if (!preparation_) return;
    const std::string path = preparation_->file->path();
    preparation_.reset();
    discard(path);
}

std::string SegmentPool::new_path() {
    return fmt::format("{}/{:06}.log", options_.directory, next_name_.fetch_add(1));
}

void SegmentPool::aim(std::uint64_t bytes) noexcept {
    aim_ = std::clamp(to_block(bytes), options_.first_segment_bytes, options_.segment_bytes);
}

std::uint64_t SegmentPool::bytes_of_next() const {
    const std::uint64_t ample =
        ample_segments * options_.segment_bytes + options_.reserve_bytes + left_free_;
    const std::uint64_t aim = aim_;
    if (aim == options_.segment_bytes || files_.free_bytes(options_.directory) >= ample) return aim;
    return options_.segment_bytes;
}

bool SegmentPool::may_be_spare(const File& file, std::uint64_t bytes_least) const {
    const std::uint64_t size = file.size();
    return size >= std::max(bytes_least, options_.first_segment_bytes) &&
           size <= options_.segment_bytes && size % block_bytes == 0 &&
           ready() < options_.spares_max;
}

void SegmentPool::require_room(std::uint64_t bytes) const {
    const std::uint64_t left_alone = options_.reserve_bytes + left_free_;
    const std::uint64_t free = files_.free_bytes(options_.directory);
    if (free < bytes + left_alone) {
        throw Error{
            ErrorCode::disk_full,
            fmt::format("{}: the next journal segment needs {} bytes (segment_bytes), reserve and "
                        "undelivered work {}, but only {} are free; make room on the disk, then "
                        "writing continues by itself",
                        options_.directory, bytes, left_alone, free)};
    }
}

void SegmentPool::fill(File& file, std::uint64_t from, std::uint64_t to) const {
    file.write_at(from, Buffer(static_cast<std::size_t>(to - from), '\0'));
    file.sync();
}

void SegmentPool::discard(const std::string& path) noexcept {
    try {
        files_.remove(path);
    } catch (const std::exception& error) {
        note(error, "not removed");
    }
}

void SegmentPool::note(const std::exception& problem, const std::string& what) noexcept {
    try {
        std::string line = fmt::format("journal: {}: {}", what, problem.what());
        const std::lock_guard lock{mutex_};
        problems_.push_back(std::move(line));
    } catch (const std::bad_alloc&) {  // the line is lost, the file is not
    }
}

std::vector<std::string> SegmentPool::take_problems() {
    const std::lock_guard lock{mutex_};
    return std::exchange(problems_, {});
}

bool SegmentPool::has_problems() const {
    const std::lock_guard lock{mutex_};
    return !problems_.empty();
}

void SegmentPool::adopt(const std::string& path) {
    {
        auto file = files_.open(path, OpenFile::existing);
        if (may_be_spare(*file, 0)) {
            file->sync();  // a crash may have come between its last write and the sync
            const std::uint64_t bytes = file->size();
            const std::lock_guard lock{mutex_};
            spares_.push_back({.file = std::move(file), .bytes = bytes});
            return;
        }
    }
    files_.remove(path);
}

void SegmentPool::give_back(const std::string& path) {
    try {
        auto file = files_.open(path, OpenFile::existing);
        if (may_be_spare(*file, aim_ / far_smaller)) {
            // Not synced: if the old header comes back after a crash, the segment is only live
            // again. It must then still name its successor, so that block is not changed.
            file->write_at(0, Buffer(header_copies_bytes, '\0'));
            const std::uint64_t bytes = file->size();
            const std::lock_guard lock{mutex_};
            spares_.push_back({.file = std::move(file), .bytes = bytes});
            return;
        }
    } catch (const std::exception& error) {
        note(error, "not recycled");
    }
    discard(path);
}

std::size_t SegmentPool::ready() const {
    const std::lock_guard lock{mutex_};
    return spares_.size();
}

std::uint64_t SegmentPool::bytes_of(std::size_t place) const {
    const std::lock_guard lock{mutex_};
    return place < spares_.size() ? spares_[place].bytes : 0;
}

std::uint64_t SegmentPool::bytes_of_largest() const {
    const std::lock_guard lock{mutex_};
    std::uint64_t largest = 0;
    for (const Spare& spare : spares_) largest = std::max(largest, spare.bytes);
    return largest;
}

std::unique_ptr<File> SegmentPool::take() {
    const std::lock_guard lock{mutex_};
    if (spares_.empty()) return nullptr;
    auto file = std::move(spares_.front().file);
    spares_.pop_front();
    return file;
}

std::unique_ptr<File> SegmentPool::take_or_make(const Wanted& wanted) {
    if (bytes_of_largest() >= wanted.bytes_least) {
        // Spares that are too small for this opening are removed.
        while (bytes_of(0) < wanted.bytes_least) discard(take()->path());
        return take();
    }
    const std::uint64_t bytes = std::max(wanted.bytes_least, wanted.bytes_if_new);
    const std::string path = new_path();
    auto file = files_.open(path, OpenFile::create_new);
    try {
        for (std::uint64_t at = 0; at < bytes; at += piece_bytes_) {
            fill(*file, at, std::min(bytes, at + piece_bytes_));
        }
        files_.sync_directory(options_.directory);
    } catch (...) {
        file.reset();
        discard(path);
        throw;
    }
    return file;
}

std::uint64_t SegmentPool::to_least(std::optional<std::uint64_t> bytes_enough) const noexcept {
    return std::min(to_block(bytes_enough.value_or(0)), options_.segment_bytes);
}

bool SegmentPool::prepare_step(std::optional<std::uint64_t> bytes_enough) {
    if (!preparation_) {
        const std::uint64_t whole = std::max(bytes_of_next(), to_least(bytes_enough));
        require_room(whole);
        preparation_ =
            Preparation{.file = files_.open(new_path(), OpenFile::create_new), .whole = whole};
    }
    Preparation& preparation = *preparation_;
    try {
        // A commit may need a larger segment than the one that was begun.
        if (const std::uint64_t least = to_least(bytes_enough); least > preparation.whole) {
            require_room(least - preparation.filled);
            preparation.whole = least;
        }
        const std::uint64_t enough =
            std::min(bytes_enough.value_or(preparation.whole), preparation.whole);
        if (preparation.filled < enough) {
            const std::uint64_t to = std::min(preparation.whole, preparation.filled + piece_bytes_);
            fill(*preparation.file, preparation.filled, to);
            preparation.filled = to;
        }
        if (preparation.filled < enough) return true;
        files_.sync_directory(options_.directory);
    } catch (...) {
        const std::string path = preparation.file->path();
        preparation_.reset();
        discard(path);
        throw;
    }
    const std::lock_guard lock{mutex_};
    spares_.push_back({.file = std::move(preparation.file), .bytes = preparation.filled});
    preparation_.reset();
    return false;
}

}  // namespace amphora::journal

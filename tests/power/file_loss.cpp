#include "power/file_loss.hpp"

#include <algorithm>
#include <array>

namespace amphora::power {
namespace {

/// Puts `bytes`, which belong at `offset` of the file, into the part of it that begins at `start`.
void overlay(std::string& part, std::uint64_t start, std::uint64_t offset, std::string_view bytes) {
    const std::uint64_t begin = std::max(start, offset);
    const std::uint64_t end = std::min(start + part.size(), offset + bytes.size());
    if (begin >= end) return;
    std::copy_n(bytes.data() + (begin - offset), end - begin, part.data() + (begin - start));
}

void clear(std::string& part, std::uint64_t start, std::uint64_t offset, std::uint64_t length) {
    const std::uint64_t begin = std::max(start, offset);
    const std::uint64_t end = std::min(start + part.size(), offset + length);
    if (begin < end) std::fill_n(part.data() + (begin - start), end - begin, '\0');
}

/// Applies a change to one block of the file.
void apply_to_block(const Event& change, std::string& block, std::uint64_t start) {
    if (change.action == Action::write) overlay(block, start, change.offset, change.bytes);
    if (change.action == Action::clear) clear(block, start, change.offset, change.length);
    if (change.action == Action::resize) clear(block, start, change.offset, never / 2);
}

}  // namespace

std::string_view to_string(Loss loss) {
    static constexpr std::array<std::string_view, losses> texts{
        "nothing", "all",  "earlier", "later",     "files",
        "blocks",  "torn", "names",   "last name", "mixed"};
    return texts[static_cast<std::size_t>(loss)];
}

FileLoss::FileLoss(const std::string& kept, const Pending& pending)
    : kept_{kept}, pending_{pending} {
    sizes_.push_back(kept.size());
    for (std::size_t at = 0; at < pending.size(); ++at) {
        const Event& change = *pending[at];
        const std::uint64_t size = sizes_.back();
        std::uint64_t begin = change.offset;
        std::uint64_t end = begin;
        if (change.action == Action::write) end += change.bytes.size();
        if (change.action == Action::clear) end = std::min(size, begin + change.length);
        if (change.action == Action::resize) end = std::max(begin, size);
        for (std::uint64_t block = begin / block_bytes; block * block_bytes < end; ++block) {
            touched_[block].push_back(at);
        }
        const bool resizes = change.action == Action::resize;
        const bool grows = change.action == Action::write;
        sizes_.push_back(resizes ? begin : grows ? std::max(size, end) : size);
    }
}

void FileLoss::apply(const Event& change, std::string& content) {
    if (change.action == Action::resize) return content.resize(change.offset, '\0');
    if (change.action == Action::write) {
        content.resize(std::max(content.size(), change.offset + change.bytes.size()), '\0');
    }
    apply_to_block(change, content, 0);
}

std::string FileLoss::until(Moment moment) const {
    std::string content = kept_;
    for (const Event* change : pending_) {
        if (change->begun < moment) apply(*change, content);
    }
    return content;
}

bool FileLoss::cuts(std::size_t change) const {
    return sizes_[change + 1] < sizes_[change];
}

// The kept contents, in the size after so many changes, without anything after a truncation among
// them.
std::string FileLoss::sized(std::size_t changes) const {
    const auto least =
        std::min_element(sizes_.begin(), sizes_.begin() + static_cast<std::ptrdiff_t>(changes) + 1);
    std::string content = kept_.substr(0, *least);
    content.resize(sizes_[changes], '\0');
    return content;
}

// A truncation that happened comes before everything in the block, one that did not comes after it.
FileLoss::Range FileLoss::possible(const Touches& touches, std::size_t changes) const {
    Range range{0, touches.size()};
    for (std::size_t at = 0; at < touches.size(); ++at) {
        if (!cuts(touches[at])) continue;
        if (touches[at] < changes) {
            range.least = at + 1;
        } else {
            range.most = at;
            break;
        }
    }
    return range;
}

std::string FileLoss::block(std::size_t number, const Touches& touches, std::size_t arrived) const {
    const std::uint64_t start = number * block_bytes;
    std::string block = start < kept_.size() ? kept_.substr(start, block_bytes) : std::string{};
    block.resize(block_bytes, '\0');
    for (std::size_t at = 0; at < arrived; ++at) {
        apply_to_block(*pending_[touches[at]], block, start);
    }
    return block;
}

std::string FileLoss::any_block(std::size_t number, const Touches& touches, std::size_t changes,
                                workload::Dice& dice) const {
    const Range range = possible(touches, changes);
    return block(number, touches, dice.between(range.least, range.most));
}

std::size_t FileLoss::any_size(workload::Dice& dice) const {
    const std::uint64_t chance = dice.below(3);
    if (chance == 0) return 0;
    return chance == 1 ? pending_.size() : dice.below(sizes_.size());
}

std::string FileLoss::later(workload::Dice& dice) const {
    const std::size_t changes = pending_.size();
    const std::size_t first = dice.below(changes + 1);
    std::string content = sized(changes);
    for (const auto& [number, touches] : touched_) {
        const Range range = possible(touches, changes);
        const bool arrived = touches.back() >= first;
        overlay(content, 0, number * block_bytes,
                block(number, touches, arrived ? range.most : range.least));
    }
    return content;
}

std::string FileLoss::blocks(workload::Dice& dice) const {
    const std::size_t changes = any_size(dice);
    std::string content = sized(changes);
    for (const auto& [number, touches] : touched_) {
        overlay(content, 0, number * block_bytes, any_block(number, touches, changes, dice));
    }
    return content;
}

std::string FileLoss::torn(workload::Dice& dice, TornSector sectors) const {
    const std::size_t changes = any_size(dice);
    std::string content = sized(changes);
    for (const auto& [number, touches] : touched_) {
        std::string mixture = any_block(number, touches, changes, dice);
        if (dice.once_in(2)) {
            const std::string other = any_block(number, touches, changes, dice);
            for (std::size_t at = 0; at < block_bytes; at += sector_bytes) {
                if (dice.once_in(2)) mixture.replace(at, sector_bytes, other, at, sector_bytes);
            }
        }
        if (sectors == TornSector::garbage && dice.once_in(2)) {
            mixture.replace(dice.below(block_bytes / sector_bytes) * sector_bytes, sector_bytes,
                            workload::filler(dice(), sector_bytes));
        }
        overlay(content, 0, number * block_bytes, mixture);
    }
    return content;
}

}  // namespace amphora::power

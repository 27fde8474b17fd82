#include "tree/lmdb/data_page.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace amphora::lmdb {

namespace {

constexpr std::size_t node_header_bytes = 8;
constexpr std::uint16_t node_overflows = 0x01;

constexpr std::size_t flags_offset = 10;
constexpr std::size_t lower_offset = 12;
constexpr std::size_t upper_offset = 14;

/// Up to this length, a value is read before the header of its page is tested.
constexpr std::size_t trusted_bytes_max = 1u << 20;

}  // namespace

std::optional<DataPage> DataPage::read(const DataFile& file, const Meta& meta, std::uint64_t number,
                                       std::string& problem, NumberCheck check) {
    DataPage page;
    page.number_ = number;
    page.bytes_ = file.read(number * meta.page_bytes, meta.page_bytes);
    if (page.bytes_.size() != meta.page_bytes) {
        problem = "is beyond the end of the file";
        return std::nullopt;
    }
    if (const auto own = number_at<std::uint64_t>(page.bytes_, 0);
        own != number && check == NumberCheck::own) {
        problem = fmt::format("says that it is page {}", own);
        return std::nullopt;
    }
    const auto flags = number_at<std::uint16_t>(page.bytes_, flags_offset);
    page.kind_ = Kind{flags};
    if (page.kind_ != Kind::branch && page.kind_ != Kind::leaf) {
        problem = fmt::format("is of the unexpected kind {:#06x}", flags);
        return std::nullopt;
    }
    const auto lower = number_at<std::uint16_t>(page.bytes_, lower_offset);
    page.upper_ = number_at<std::uint16_t>(page.bytes_, upper_offset);
    if (lower < header_bytes || lower % 2 != 0 || lower > page.upper_ ||
        page.upper_ > meta.page_bytes) {
        problem = fmt::format("has impossible bounds {} and {}", lower, page.upper_);
        return std::nullopt;
    }
    page.entries_ = (lower - header_bytes) / 2;
    return page;
}

std::optional<DataPage::Node> DataPage::node(std::size_t index, std::string& problem) const {
    const auto is_outside = [&] {
        problem = fmt::format("has an entry {} that is outside of it", index);
        return std::nullopt;
    };
    const std::size_t offset = number_at<std::uint16_t>(bytes_, header_bytes + 2 * index);
    if (offset < upper_ || offset + node_header_bytes > bytes_.size()) return is_outside();
    const auto low = number_at<std::uint16_t>(bytes_, offset);
    const auto high = number_at<std::uint16_t>(bytes_, offset + 2);
    const auto flags = number_at<std::uint16_t>(bytes_, offset + 4);
    const std::size_t key_bytes = number_at<std::uint16_t>(bytes_, offset + 6);
    const std::size_t value_offset = offset + node_header_bytes + key_bytes;
    if (value_offset > bytes_.size()) return is_outside();

    Node node;
    node.key = Bytes(bytes_).substr(offset + node_header_bytes, key_bytes);
    if (kind_ == Kind::branch) {
        node.child = low | std::uint64_t{high} << 16 | std::uint64_t{flags} << 32;
        return node;
    }
    node.value_bytes = low | std::uint32_t{high} << 16;
    node.overflows = flags == node_overflows;
    if (flags != 0 && !node.overflows) {
        problem = fmt::format("has an entry {} with unknown flags {:#x}", index, flags);
        return std::nullopt;
    }
    const std::size_t here = node.overflows ? sizeof(std::uint64_t) : node.value_bytes;
    if (value_offset + here > bytes_.size()) return is_outside();
    node.value = Bytes(bytes_).substr(value_offset, here);
    return node;
}

bool DataPage::is_sound(std::string& problem) const {
    // The first key of a branch is never used.
    const std::size_t first = kind_ == Kind::branch ? 1 : 0;
    std::size_t used = 0;
    Bytes last;
    for (std::size_t i = 0; i < entries_; ++i) {
        const std::optional<Node> entry = node(i, problem);
        if (!entry) return false;
        if (i > first && !(last < entry->key)) {
            problem = fmt::format("has entries {} and {} in the wrong order", i - 1, i);
            return false;
        }
        last = entry->key;
        const std::size_t length = node_header_bytes + entry->key.size() + entry->value.size();
        used += length + length % 2;
    }
    if (used == bytes_.size() - upper_ && entries_ > 0) return true;
    problem = fmt::format("has {} entries of {} bytes in {} bytes", entries_, used,
                          bytes_.size() - upper_);
    return false;
}

std::optional<Buffer> DataPage::read_overflow(const DataFile& file, const Meta& meta,
                                              std::uint64_t number, std::uint32_t bytes,
                                              std::string& problem) {
    const std::uint64_t offset = number * meta.page_bytes;
    const auto is_its_header = [&](Bytes header) {
        return number_at<std::uint64_t>(header, 0) == number &&
               Kind{number_at<std::uint16_t>(header, flags_offset)} == Kind::overflow &&
               number_at<std::uint32_t>(header, lower_offset) == overflow_pages(meta, bytes);
    };
    // A damaged length must not cost much memory.
    Buffer all = file.read(offset, header_bytes + std::min<std::size_t>(bytes, trusted_bytes_max));
    if (all.size() >= header_bytes && !is_its_header(all)) {
        problem = fmt::format("is not the overflow page of {} bytes that it is said to be", bytes);
        return std::nullopt;
    }
    if (bytes > trusted_bytes_max) all = file.read(offset, header_bytes + bytes);
    if (all.size() != header_bytes + bytes) {
        problem = "is an overflow page that goes beyond the end of the file";
        return std::nullopt;
    }
    all.erase(0, header_bytes);
    return all;
}

}  // namespace amphora::lmdb

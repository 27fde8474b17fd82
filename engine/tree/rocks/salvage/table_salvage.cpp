#include "tree/rocks/salvage/table_salvage.hpp"

#include "tree/rocks/database/reading_options.hpp"

#include <rocksdb/options.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <utility>

namespace amphora::rocks {

namespace {

/// Bytes after the longest key in which two numbers may differ.
constexpr std::size_t finer_bytes = 8;

rocksdb::Slice slice(Bytes bytes) {
    return {bytes.data(), bytes.size()};
}
Buffer key_of(const rocksdb::Iterator& entry) {
    return entry.key().ToString();
}

/// Nothing is cached or read ahead, so each seek reads its own block last.
rocksdb::Options reading_blocks(rocksdb::Env& environment) {
    rocksdb::BlockBasedTableOptions table;
    table.no_block_cache = true;
    table.max_auto_readahead_size = 0;
    rocksdb::Options settings;
    settings.env = &environment;
    settings.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    return settings;
}

/// The key as a number of `bytes` bytes. Keys that differ only in zeros at their ends are the same
/// number.
Buffer widened(Bytes key, std::size_t bytes) {
    Buffer wide{key};
    wide.resize(bytes, '\0');
    return wide;
}
/// The smallest key that is this number.
Buffer narrowed(Bytes wide) {
    return Buffer{wide.substr(0, wide.find_last_not_of('\0') + 1)};
}

/// (low + high) / 2, rounded down.
Buffer halfway(Bytes low, Bytes high) {
    Buffer middle(low.size(), '\0');
    unsigned carry = 0;
    for (std::size_t at = low.size(); at-- > 0;) {
        const unsigned sum =
            static_cast<unsigned char>(low[at]) + static_cast<unsigned char>(high[at]) + carry;
        middle[at] = static_cast<char>(sum & 0xFF);
        carry = sum >> 8;
    }
    for (char& byte : middle) {
        const unsigned both = carry << 8 | static_cast<unsigned char>(byte);
        byte = static_cast<char>(both >> 1);
        carry = both & 1;
    }
    return middle;
}

}  // namespace

TableSalvage::TableSalvage(const std::string& directory, std::string file)
    : file_{std::move(file)}, environment_{rocksdb::NewCompositeEnv(noting_files(place_))} {
    reader_ = std::make_unique<rocksdb::SstFileReader>(reading_blocks(*environment_));
    const rocksdb::Status status = reader_->Open(directory + "/" + file_);
    if (!status.ok()) does_not_open_ = status.ToString();
}

void TableSalvage::run(Bytes smallest, Bytes largest,
                       const std::function<void(Bytes key, Bytes value)>& entry,
                       const std::function<void(Gap)>& gap) {
    if (!does_not_open_.empty()) {
        return gap({.file = file_,
                    .offset = 0,
                    .after = Buffer{smallest},
                    .before = Buffer{largest},
                    .why = does_not_open_});
    }
    Buffer last;
    Seek found = seek({});
    for (;;) {
        for (; found == Seek::arrived && entry_->Valid(); entry_->Next()) {
            last = key_of(*entry_);
            longest_ = std::max(longest_, last.size());
            entry(last, {entry_->value().data(), entry_->value().size()});
        }
        if (entry_->status().ok()) return;
        // How far the iterator had read before its failure is unknown, so it starts again at the
        // same place.
        const Buffer inside = last.empty() ? Buffer{} : last + '\0';
        found = seek(inside);
        if (found == Seek::arrived) continue;
        Gap lost{.file = file_,
                 .offset = place_->offset,
                 .after = last.empty() ? Buffer{smallest} : last,
                 .before = Buffer{largest},
                 .why = entry_->status().ToString()};
        step_over(inside, largest);
        if (entry_->Valid()) lost.before = key_of(*entry_);
        gap(std::move(lost));
        if (!entry_->Valid()) return;
        found = Seek::arrived;
    }
}

TableSalvage::Seek TableSalvage::seek(Bytes key) {
    // A new one each time: an iterator that has failed may later report the same block as empty.
    entry_.reset(reader_->NewIterator(reading_options(BlockCaching::pass_by)));
    entry_->Seek(slice(key));
    return entry_->status().ok() ? Seek::arrived : Seek::failed;
}

void TableSalvage::step_over(Bytes inside, Bytes largest) {
    const std::size_t bytes = std::max({inside.size(), largest.size(), longest_}) + finer_bytes;
    Buffer low{inside};
    Buffer end = widened(largest, bytes) + '\xFF';
    // Each round ends in a later block, or in the last one again with a longer number.
    for (;;) {
        const std::uint64_t block = place_->offset;
        Buffer high = end_of_block(low, end, block);
        if (seek(high) == Seek::failed) {
            if (high == end) return;
            low = std::move(high);
            continue;
        }
        if (!entry_->Valid()) return;
        const Buffer found = key_of(*entry_);
        if (found.size() + finer_bytes <= end.size()) return;
        // Longer than any key before: other keys may share the compared bytes.
        end = widened(found, found.size() + finer_bytes + 1);
        place_->offset = block;
    }
}

Buffer TableSalvage::end_of_block(Buffer low, Buffer high, std::uint64_t block) {
    const std::size_t bytes = high.size();
    const auto is_inside = [&](Bytes key) {
        return seek(key) == Seek::failed && place_->offset == block;
    };
    for (;;) {
        const Buffer wide = widened(low, bytes);
        const Buffer middle = halfway(wide, widened(high, bytes));
        if (middle == wide) break;
        Buffer key = narrowed(middle);
        (is_inside(key) ? low : high) = std::move(key);
    }
    // The last key of the block may be the same number as the first key after it.
    std::size_t last = low.size();
    std::size_t first = bytes + 1;
    while (last + 1 < first) {
        const std::size_t middle = (last + first) / 2;
        (is_inside(widened(low, middle)) ? last : first) = middle;
    }
    return first <= bytes ? widened(low, first) : high;
}

}  // namespace amphora::rocks

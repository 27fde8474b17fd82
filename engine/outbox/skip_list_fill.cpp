#include "outbox/skip_list_fill.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace amphora::outbox {
namespace {

/// A cache line arrives in about the time that this many entries take.
constexpr std::size_t ahead = 8;

constexpr std::uint64_t longer = 255;

}  // namespace

SkipListFill::Handle SkipListFill::handle_of(SkipList::Entry* entry) noexcept {
    const Bytes key = entry->key();
    Handle handle{.words = {}, .entry = entry};
    const std::size_t kept = sizeof handle.words - 1;
    std::memcpy(handle.words.data(), key.data(), std::min(key.size(), kept));
    for (std::uint64_t& word : handle.words) word = __builtin_bswap64(word);
    handle.words.back() |= key.size() > kept ? longer : key.size();
    return handle;
}

bool SkipListFill::is_before(const Handle& left, const Handle& right) noexcept {
    if (left.words != right.words) return left.words < right.words;
    return (left.words.back() & longer) == longer && left.entry->key() < right.entry->key();
}

SkipList::Entry& SkipListFill::add(Bytes key, std::uint64_t stamp, std::optional<Bytes> value) {
    list_.reserve(key.size() + (value ? value->size() : 0), 1);
    handles_.push_back(handle_of(&list_.put_down(key, stamp, value)));
    return *handles_.back().entry;
}

void SkipListFill::finish() noexcept {
    AMPHORA_ASSERT(list_.first() == nullptr);
    std::sort(handles_.begin(), handles_.end(), is_before);
    // The link where the next entry goes, for each level.
    std::array<SkipList::Entry::Link*, SkipList::height_max> ends;
    for (std::size_t level = 0; level < ends.size(); ++level) {
        ends[level] = &list_.head_.entry.links()[level];
    }
    int highest = 1;
    for (std::size_t at = 0; at < handles_.size(); ++at) {
        if (at + ahead < handles_.size()) __builtin_prefetch(handles_[at + ahead].entry, 1);
        SkipList::Entry* const entry = handles_[at].entry;
        highest = std::max<int>(highest, entry->height_);
        for (std::size_t level = 0; level < entry->height_; ++level) {
            ends[level]->store(entry, std::memory_order_relaxed);
            ends[level] = new (&entry->links()[level]) SkipList::Entry::Link{nullptr};
        }
    }
    list_.height_.store(highest, std::memory_order_relaxed);
    list_.count(handles_.size());
    handles_.clear();
}

}  // namespace amphora::outbox

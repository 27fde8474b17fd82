#include "outbox/skip_list.hpp"

#include "base/assert.hpp"

#include <cstring>
#include <new>

namespace amphora::outbox {
namespace {

constexpr std::uint64_t random_start = 0x9E3779B97F4A7C15ull;

std::uint64_t load_ordered(const char* bytes) noexcept {
    std::uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    return __builtin_bswap64(word);
}

}  // namespace

std::uint64_t SkipList::beginning_of(Bytes key) noexcept {
    if (key.size() >= sizeof(std::uint64_t)) [[likely]] {
        return load_ordered(key.data());
    }
    std::array<char, sizeof(std::uint64_t)> bytes{};
    for (std::size_t at = 0; at < key.size(); ++at) bytes[at] = key.data()[at];
    return load_ordered(bytes.data());
}

/// The order of memcmp, then the shorter first. Keys are a few words long, and a search compares
/// about twenty of them, so the call would cost more than the comparison. The last word may overlap
/// the one before.
int SkipList::compare(const Entry& entry, Bytes key, std::uint64_t beginning) noexcept {
    constexpr std::size_t word = sizeof beginning;
    if (entry.beginning_ != beginning) return entry.beginning_ < beginning ? -1 : 1;
    const Bytes own = entry.key();
    const std::size_t shorter = own.size() < key.size() ? own.size() : key.size();
    if (shorter > word) [[likely]] {
        const std::size_t last = shorter - word;
        for (std::size_t at = word;; at += word) {
            if (at > last) at = last;
            const std::uint64_t left = load_ordered(own.data() + at);
            const std::uint64_t right = load_ordered(key.data() + at);
            if (left != right) return left < right ? -1 : 1;
            if (at == last) break;
        }
    }
    return own.size() < key.size() ? -1 : static_cast<int>(own.size() > key.size());
}

SkipList::SkipList(std::size_t first_bytes, std::size_t chunk_bytes,
                   std::shared_ptr<MemoryCount> count)
    : arena_{first_bytes, chunk_bytes, std::move(count)}, random_{random_start} {
    static_assert(sizeof(Head) == sizeof(Entry) + sizeof(Head::links),
                  "links follow the entry they belong to");
    static_assert(sizeof(Entry) % alignof(Entry::Link) == 0);
    head_.entry.height_ = height_max;
}

// Each level has a quarter of the entries of the one below: 1.33 links per entry.
std::uint8_t SkipList::draw_height(std::uint64_t& random) noexcept {
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    std::uint64_t bits = random;
    std::uint8_t height = 1;
    while (height < height_max && (bits & 3) == 0) {
        ++height;
        bits >>= 2;
    }
    return height;
}

namespace {

/// With what fills it up to whole words.
constexpr std::size_t padded(std::size_t bytes) noexcept {
    return (bytes + 7) / 8 * 8;
}

void put_value(char* at, std::optional<Bytes> value) noexcept {
    if (value && !value->empty()) std::memcpy(at, value->data(), value->size());
}

}  // namespace

void SkipList::reserve(std::size_t bytes, std::size_t versions) {
    static_assert(sizeof(Version::Later) <= sizeof(Entry) + sizeof(Entry::Link),
                  "a later version needs no more room than a first one");
    // Heights are drawn from a sequence that can be computed in advance, so for new keys the room is
    // exact, except for rounding.
    std::uint64_t random = random_;
    std::size_t needed = bytes;
    for (std::size_t i = 0; i < versions; ++i) {
        needed += sizeof(Entry) + draw_height(random) * sizeof(Entry::Link) + 7;
    }
    arena_.reserve(needed);
}

char* SkipList::take(std::size_t bytes) noexcept {
    const std::size_t taken = padded(bytes);
    used_bytes_.store(used_bytes_.load(std::memory_order_relaxed) + taken,
                      std::memory_order_relaxed);
    return arena_.take(taken);
}

void SkipList::count(std::uint64_t versions) noexcept {
    versions_.store(versions_.load(std::memory_order_relaxed) + versions,
                    std::memory_order_release);
}

SkipList::Entry& SkipList::put_down(Bytes key, std::uint64_t stamp,
                                    std::optional<Bytes> value) noexcept {
    const std::uint8_t height = draw_height(random_);
    const std::size_t value_bytes = value ? value->size() : 0;
    const std::size_t links_bytes = height * sizeof(Entry::Link);
    char* const memory = take(sizeof(Entry) + links_bytes + key.size() + value_bytes);
    Entry& entry = *new (memory) Entry;
    entry.stamp_ = stamp;
    entry.key_bytes_ = static_cast<std::uint32_t>(key.size());
    entry.value_bytes_ = static_cast<std::uint32_t>(value_bytes);
    entry.height_ = height;
    entry.removal_ = !value.has_value();
    entry.beginning_ = beginning_of(key);
    char* const content = memory + sizeof(Entry) + links_bytes;
    if (!key.empty()) std::memcpy(content, key.data(), key.size());
    put_value(content + key.size(), value);
    return entry;
}

SkipList::Version& SkipList::add(Entry& entry, std::uint64_t stamp,
                                 std::optional<Bytes> value) noexcept {
    const Version& older = entry.newest();
    AMPHORA_ASSERT(older.stamp_ < stamp);
    const std::size_t value_bytes = value ? value->size() : 0;
    auto* const later = new (take(sizeof(Version::Later) + value_bytes)) Version::Later;
    later->stamp_ = stamp;
    later->value_bytes_ = static_cast<std::uint32_t>(value_bytes);
    later->number_ = older.number_ + 1;
    later->removal_ = !value.has_value();
    later->entry = &entry;
    later->older = &older;
    // Two jumps of equal length in a row are followed by one over both.
    const Version& near = older.jump();
    const Version& far = near.jump();
    const bool are_equal = older.number_ - near.number_ == near.number_ - far.number_;
    later->jump = are_equal ? &far : &older;
    put_value(reinterpret_cast<char*>(later + 1), value);
    entry.newest_.store(later, std::memory_order_release);
    count(1);
    return *later;
}

SkipList::Entry* SkipList::locate(Bytes key, Finger& finger) noexcept {
    const std::uint64_t beginning = beginning_of(key);
    const auto is_before = [&](const Entry& entry) { return compare(entry, key, beginning) < 0; };
    std::array<Entry*, height_max>& before = finger.before_;
    if (before.front() == nullptr) before.fill(&head_.entry);
    // The lowest level that leads no further: it and those above it are already where they must be.
    const int levels = height_.load(std::memory_order_relaxed);
    int from = 0;
    const auto leads_on = [&](int level) {
        const Entry* const after = before[static_cast<std::size_t>(level)]->follow(level);
        return after != nullptr && is_before(*after);
    };
    while (from < levels && leads_on(from)) ++from;
    if (from > 0) {
        descend(before[static_cast<std::size_t>(from - 1)], from, is_before,
                [&](int at, Entry* entry) { before[static_cast<std::size_t>(at)] = entry; });
    }
    Entry* const after = before.front()->follow(0);
    return after != nullptr && compare(*after, key, beginning) == 0 ? after : nullptr;
}

SkipList::Entry& SkipList::link(Entry& entry, Finger& finger) noexcept {
    const std::uint8_t height = entry.height_;
    // A reader that sees a new height early finds null links of the head there: an empty level.
    if (height > height_.load(std::memory_order_relaxed)) {
        height_.store(height, std::memory_order_relaxed);
    }
    for (int i = 0; i < height; ++i) {
        Entry* const previous = finger.before_[static_cast<std::size_t>(i)];
        new (&entry.links()[i]) Entry::Link{previous->links()[i].load(std::memory_order_relaxed)};
    }
    // From the bottom up: a reader that finds the entry on a higher level finds it complete below.
    for (int i = 0; i < height; ++i) {
        Entry*& previous = finger.before_[static_cast<std::size_t>(i)];
        previous->links()[i].store(&entry, std::memory_order_release);
        previous = &entry;
    }
    count(1);
    return entry;
}

SkipList::Version& SkipList::insert(Bytes key, std::uint64_t stamp,
                                    std::optional<Bytes> value) noexcept {
    Finger finger;
    if (Entry* const entry = locate(key, finger)) return add(*entry, stamp, value);
    return link(put_down(key, stamp, value), finger);
}

SkipList::Entry& SkipList::insert_new(Bytes key, std::uint64_t stamp, std::optional<Bytes> value,
                                      Finger& finger) noexcept {
    const Entry* const entry = locate(key, finger);
    AMPHORA_ASSERT(entry == nullptr);
    return link(put_down(key, stamp, value), finger);
}

void SkipList::clear() noexcept {
    for (Entry::Link& link : head_.links) link.store(nullptr, std::memory_order_relaxed);
    height_.store(1, std::memory_order_relaxed);
    versions_.store(0, std::memory_order_relaxed);
    used_bytes_.store(0, std::memory_order_relaxed);
    arena_.clear();
}

const SkipList::Entry* SkipList::seek(Bytes key) const noexcept {
    const std::uint64_t beginning = beginning_of(key);
    return descend([&](const Entry& entry) { return compare(entry, key, beginning) < 0; }).after;
}

const SkipList::Entry* SkipList::seek_before(Bytes key) const noexcept {
    const std::uint64_t beginning = beginning_of(key);
    const Entry* const before =
        descend([&](const Entry& entry) { return compare(entry, key, beginning) < 0; }).before;
    return before == head() ? nullptr : before;
}

const SkipList::Entry* SkipList::last() const noexcept {
    const Entry* const before = descend([](const Entry&) { return true; }).before;
    return before == head() ? nullptr : before;
}

void SkipCursor::settle_forward(const SkipList::Entry* entry) noexcept {
    version_ = nullptr;
    for (; entry != nullptr; entry = entry->next()) {
        version_ = entry->as_of(stamp_);
        if (version_ != nullptr || (!upper_.empty() && entry->key() >= upper_)) return;
    }
}

void SkipCursor::settle_backward(const SkipList::Entry* entry) noexcept {
    version_ = nullptr;
    while (entry != nullptr) {
        version_ = entry->as_of(stamp_);
        if (version_ != nullptr) return;
        const Bytes key = entry->key();
        entry = key < lower_ ? nullptr : list_->seek_before(key);
    }
}

void SkipCursor::seek(Bytes key) noexcept {
    settle_forward(list_->seek(key));
}
void SkipCursor::seek_before(Bytes key) noexcept {
    settle_backward(list_->seek_before(key));
}
void SkipCursor::seek_first() noexcept {
    settle_forward(list_->first());
}
void SkipCursor::seek_last() noexcept {
    settle_backward(list_->last());
}
void SkipCursor::next() noexcept {
    settle_forward(version_->entry().next());
}
void SkipCursor::previous() noexcept {
    settle_backward(list_->seek_before(version_->key()));
}

}  // namespace amphora::outbox

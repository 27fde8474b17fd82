#include "outbox/skip_list.hpp"

#include "base/assert.hpp"

#include <cstring>
#include <limits>
#include <new>

namespace amphora::outbox {
namespace {

constexpr std::uint64_t random_start = 0x9E3779B97F4A7C15ull;

/// The number of versions that are stepped over one by one before a search: a key that is often
/// written has many.
constexpr int steps_max = 8;

std::uint64_t load_ordered(const char* bytes) noexcept {
    std::uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    return __builtin_bswap64(word);
}

/// The order of memcmp, then the shorter first. Keys are a few words long, and a search compares
/// about twenty of them, so the call would cost more than the comparison. The last word may overlap
/// the one before.
int compare(Bytes left, Bytes right) noexcept {
    const std::size_t shorter = left.size() < right.size() ? left.size() : right.size();
    if (shorter >= sizeof(std::uint64_t)) [[likely]] {
        const std::size_t last = shorter - sizeof(std::uint64_t);
        for (std::size_t at = 0;; at += sizeof(std::uint64_t)) {
            if (at > last) at = last;
            const std::uint64_t one = load_ordered(left.data() + at);
            const std::uint64_t other = load_ordered(right.data() + at);
            if (one != other) return one < other ? -1 : 1;
            if (at == last) break;
        }
    } else if (const int order = std::memcmp(left.data(), right.data(), shorter); order != 0) {
        return order;
    }
    return left.size() < right.size() ? -1 : static_cast<int>(left.size() > right.size());
}

}  // namespace

SkipList::SkipList(std::size_t first_bytes, std::size_t chunk_bytes,
                   std::shared_ptr<MemoryCount> count)
    : arena_{first_bytes, chunk_bytes, std::move(count)}, random_{random_start} {
    static_assert(offsetof(Head, links) == sizeof(Node), "links follow the node they belong to");
    static_assert(sizeof(Node) % alignof(Node::Link) == 0);
    head_.node.height_ = height_max;
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

std::size_t SkipList::node_bytes(std::uint8_t height, std::size_t content) noexcept {
    const std::size_t bytes = sizeof(Node) + height * sizeof(Node::Link) + content;
    return (bytes + 7) / 8 * 8;
}

void SkipList::reserve(std::size_t bytes, std::size_t entries) {
    // Heights are drawn from a sequence that can be computed in advance, so the room is exact,
    // except for rounding.
    std::uint64_t random = random_;
    std::size_t needed = bytes;
    for (std::size_t i = 0; i < entries; ++i) {
        needed += sizeof(Node) + draw_height(random) * sizeof(Node::Link) + 7;
    }
    arena_.reserve(needed);
}

SkipList::Node* SkipList::put_down(Bytes key, std::uint64_t stamp,
                                   std::optional<Bytes> value) noexcept {
    const std::uint8_t height = draw_height(random_);
    const std::size_t value_bytes = value ? value->size() : 0;
    const std::size_t node_size = node_bytes(height, key.size() + value_bytes);
    char* const memory = arena_.take(node_size);
    Node* const node = new (memory) Node;
    node->stamp_ = stamp;
    node->key_bytes_ = static_cast<std::uint32_t>(key.size());
    node->value_bytes_ = static_cast<std::uint32_t>(value_bytes);
    node->height_ = height;
    node->removal_ = !value.has_value();
    char* const content = memory + sizeof(Node) + height * sizeof(Node::Link);
    if (!key.empty()) std::memcpy(content, key.data(), key.size());
    if (value_bytes != 0) std::memcpy(content + key.size(), value->data(), value_bytes);
    used_bytes_.store(used_bytes_.load(std::memory_order_relaxed) + node_size,
                      std::memory_order_relaxed);
    return node;
}

SkipList::Node* SkipList::insert(Bytes key, std::uint64_t stamp,
                                 std::optional<Bytes> value) noexcept {
    Finger finger;
    return insert(key, stamp, value, finger);
}

SkipList::Node* SkipList::insert(Bytes key, std::uint64_t stamp, std::optional<Bytes> value,
                                 Finger& finger) noexcept {
    Node* const node = put_down(key, stamp, value);
    const std::uint8_t height = node->height_;
    int levels = height_.load(std::memory_order_relaxed);
    if (height > levels) {
        // A reader that sees the new height early finds null links of the head there: an empty
        // level.
        height_.store(height, std::memory_order_relaxed);
        levels = height;
    }
    const auto is_before = [&](const Node& entry) {
        const int order = compare(entry.key(), key);
        AMPHORA_ASSERT(order != 0 || entry.stamp_ != stamp);
        return order < 0 || (order == 0 && entry.stamp_ > stamp);
    };
    std::array<Node*, height_max>& before = finger.before_;
    while (finger.levels_ < levels) {
        before[static_cast<std::size_t>(finger.levels_++)] = &head_.node;
    }
    // The lowest level that leads no further: it and those above it are already where they must be.
    int from = 0;
    const auto leads_on = [&](int level) {
        const Node* const after = before[static_cast<std::size_t>(level)]->follow(level);
        return after != nullptr && is_before(*after);
    };
    while (from < levels && leads_on(from)) ++from;
    if (from > 0) {
        descend(before[static_cast<std::size_t>(from - 1)], from, is_before,
                [&](int at, Node* entry) { before[static_cast<std::size_t>(at)] = entry; });
    }
    for (int i = 0; i < height; ++i) {
        Node* const previous = before[static_cast<std::size_t>(i)];
        new (&node->links()[i]) Node::Link{previous->links()[i].load(std::memory_order_relaxed)};
    }
    // From the bottom up: a reader that finds the entry on a higher level finds it complete below.
    for (int i = 0; i < height; ++i) {
        Node*& previous = before[static_cast<std::size_t>(i)];
        previous->links()[i].store(node, std::memory_order_release);
        previous = node;
    }
    entries_.store(entries_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    return node;
}

void SkipList::clear() noexcept {
    for (Node::Link& link : head_.links) link.store(nullptr, std::memory_order_relaxed);
    height_.store(1, std::memory_order_relaxed);
    entries_.store(0, std::memory_order_relaxed);
    used_bytes_.store(0, std::memory_order_relaxed);
    arena_.clear();
}

const SkipList::Node* SkipList::seek(Bytes key, std::uint64_t stamp) const noexcept {
    return descend([&](const Node& entry) {
               const int order = compare(entry.key(), key);
               return order < 0 || (order == 0 && entry.stamp_ > stamp);
           })
        .after;
}

const SkipList::Node* SkipList::seek_before(Bytes key) const noexcept {
    const Node* const before =
        descend([&](const Node& entry) { return compare(entry.key(), key) < 0; }).before;
    return before == head() ? nullptr : before;
}

const SkipList::Node* SkipList::last() const noexcept {
    const Node* const before = descend([](const Node&) { return true; }).before;
    return before == head() ? nullptr : before;
}

void SkipCursor::settle_forward(const SkipList::Node* node) noexcept {
    while (node != nullptr && !shows(*node)) {
        if (!upper_.empty() && node->key() >= upper_) {
            node = nullptr;
            break;
        }
        // Too new: the versions at or below the stamp come later, perhaps much later.
        if (node->stamp() > stamp_) {
            int steps = 0;
            const Bytes key = node->key();
            while (node != nullptr && node->stamp() > stamp_ && steps++ < steps_max) {
                node = node->next();
            }
            if (node != nullptr && node->stamp() > stamp_ && node->key() == key) {
                node = list_->seek(key, stamp_);
            }
        } else {
            node = node->next();
        }
    }
    node_ = node;
}

void SkipCursor::settle_backward(const SkipList::Node* node) noexcept {
    while (node != nullptr) {
        const Bytes key = node->key();
        if (const SkipList::Node* const version = list_->find(key, stamp_)) {
            node_ = version;
            return;
        }
        node = key < lower_ ? nullptr : list_->seek_before(key);
    }
    node_ = nullptr;
}

void SkipCursor::seek(Bytes key) noexcept {
    settle_forward(list_->seek(key, stamp_));
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
    const Bytes key = node_->key();
    const SkipList::Node* node = node_->next();
    int steps = 0;
    while (node != nullptr && node->key() == key && steps++ < steps_max) node = node->next();
    if (node != nullptr && node->key() == key) {
        node = list_->seek(key, 0);  // stamps begin at 1, so this is after the oldest version
        while (node != nullptr && node->key() == key) node = node->next();
    }
    settle_forward(node);
}

void SkipCursor::previous() noexcept {
    settle_backward(list_->seek_before(node_->key()));
}

}  // namespace amphora::outbox

#include "transaction/write_set.hpp"

#include "outbox/record.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::transaction {
namespace {
constexpr std::size_t first_chunk_bytes = 16u << 10;
constexpr std::size_t chunk_bytes = 256u << 10;
constexpr double mebibyte = 1u << 20;
}  // namespace

WriteSet::WriteSet()
    : lists_{outbox::SkipList{first_chunk_bytes, chunk_bytes, nullptr},
             outbox::SkipList{first_chunk_bytes, chunk_bytes, nullptr}} {}

void WriteSet::require_fit(std::uint64_t bytes, std::uint64_t bytes_max) const {
    // Withdrawn writes are not committed, but they still use memory.
    if (bytes_ + bytes <= bytes_max && bytes_withdrawn_ + bytes <= 2 * bytes_max) [[likely]] {
        return;
    }
    throw Error{
        ErrorCode::transaction_too_large,
        fmt::format("the transaction has collected {:.1f} MiB and would grow by {} bytes, beyond "
                    "the {:.1f} MiB that one commit may hold; commit in smaller parts or raise "
                    "commit_bytes_max",
                    static_cast<double>(bytes_ + bytes_withdrawn_) / mebibyte, bytes,
                    static_cast<double>(bytes_max) / mebibyte)};
}

void WriteSet::write(TreeId tree, Bytes key, std::optional<Bytes> value, std::uint64_t bytes_max) {
    const std::size_t bytes = key.size() + (value ? value->size() : 0);
    require_fit(bytes, bytes_max);
    outbox::SkipList& list = lists_[index_of(tree)];
    if (writes_.size() == writes_.capacity()) writes_.reserve(2 * writes_.size() + 16);
    list.reserve(bytes, 1);
    writes_.push_back({list.insert(key, ++stamp_, value)});
    bytes_ += bytes;
}

void WriteSet::put(TreeId tree, Bytes key, Bytes value, std::uint64_t bytes_max) {
    write(tree, key, value, bytes_max);
}

void WriteSet::erase(TreeId tree, Bytes key, std::uint64_t bytes_max) {
    write(tree, key, std::nullopt, bytes_max);
}

void WriteSet::publish(Bytes event, std::uint64_t bytes_max) {
    require_fit(event.size(), bytes_max);
    events_.push_back({.stamp = stamp_ + 1, .bytes = Buffer{event}});
    ++stamp_;
    bytes_ += event.size();
}

void WriteSet::rollback_to(std::uint64_t stamp) noexcept {
    while (!writes_.empty() && writes_.back().node->stamp() > stamp) {
        Node& node = *writes_.back().node;
        node.withdraw();
        bytes_ -= node.size();
        bytes_withdrawn_ += node.size();
        writes_.pop_back();
    }
    while (!events_.empty() && events_.back().stamp > stamp) {
        bytes_ -= events_.back().bytes.size();
        events_.pop_back();
    }
}

Buffer WriteSet::encode() const {
    std::array<std::vector<const Node*>, trees_count> changes;
    std::size_t bytes = outbox::RecordWriter::frame_bytes_max;
    for (const TreeId tree : trees_all) {
        outbox::SkipCursor cursor{list(tree), stamp_};
        auto& found = changes[index_of(tree)];
        for (cursor.seek_first(); cursor.node() != nullptr; cursor.next()) {
            found.push_back(cursor.node());
            bytes += cursor.node()->size() + outbox::RecordWriter::change_bytes_max;
        }
    }
    for (const Event& event : events_) {
        bytes += event.bytes.size() + outbox::RecordWriter::event_bytes_max;
    }

    outbox::RecordWriter writer{bytes};
    for (const auto& found : changes) {
        writer.begin_changes(found.size());
        for (const Node* const node : found) {
            if (node->is_removal()) {
                writer.erase(node->key());
            } else {
                writer.put(node->key(), node->value());
            }
        }
    }
    writer.begin_events(events_.size());
    for (const Event& event : events_) writer.event(event.bytes);
    return std::move(writer).finish();
}

void WriteSet::clear() noexcept {
    for (outbox::SkipList& list : lists_) list.clear();
    writes_.clear();
    events_.clear();
    stamp_ = 0;
    bytes_ = 0;
    bytes_withdrawn_ = 0;
}

}  // namespace amphora::transaction

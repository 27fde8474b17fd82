#include "transaction/write_set.hpp"

#include "codec/bytes_io.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

namespace amphora::transaction {
namespace {
constexpr std::size_t first_chunk_bytes = 16u << 10;
constexpr std::size_t chunk_bytes = 256u << 10;
constexpr double mebibyte = 1u << 20;

std::optional<SpaceId> space_of(Bytes key) noexcept {
    if (key.size() < sizeof(std::uint32_t)) return std::nullopt;
    return SpaceId{codec::load_big32(key.data())};
}

outbox::Before found_by(const WriteSet::Version& write) noexcept {
    return write.was_found() ? outbox::Before::present : outbox::Before::absent;
}

}  // namespace

WriteSet::WriteSet()
    : keys_{WrittenKeys{first_chunk_bytes, chunk_bytes},
            WrittenKeys{first_chunk_bytes, chunk_bytes}} {}

/// What it can still collect. Withdrawn writes are not committed, but they still use memory.
std::uint64_t WriteSet::room(std::uint64_t bytes_max) const noexcept {
    const auto left = [](std::uint64_t bound, std::uint64_t used) {
        return bound > used ? bound - used : 0;
    };
    return std::min(left(bytes_max, bytes_), left(2 * bytes_max, bytes_withdrawn_));
}

void WriteSet::require_fit(std::uint64_t bytes, std::uint64_t bytes_max) const {
    if (bytes <= room(bytes_max)) [[likely]] {
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

void WriteSet::write(TreeId tree, Bytes key, std::optional<Bytes> value, outbox::Before before,
                     std::optional<Bytes> state_before, std::uint64_t bytes_max) {
    const std::size_t bytes = key.size() + (value ? value->size() : 0);
    const std::size_t bytes_before = state_before ? state_before->size() : 0;
    require_fit(bytes + bytes_before, bytes_max);
    WrittenKeys& keys = keys_[index_of(tree)];
    if (writes_.size() == writes_.capacity()) writes_.reserve(2 * writes_.size() + 16);
    keys.reserve(bytes);
    // Before the insertion, which can make the caller's bytes invalid.
    if (state_before) [[unlikely]] {
        states_before_.push_back({.stamp = stamp_ + 1, .bytes = Buffer{*state_before}});
    }
    Version& version = keys.insert(key, ++stamp_, value);
    if (before == outbox::Before::present) version.note_found();
    if (const auto space = space_of(key)) tags_ |= journal::CommitTags::of_space(*space);
    writes_.push_back({&version});
    bytes_ += bytes + bytes_before;
}

void WriteSet::put(TreeId tree, Bytes key, Bytes value, outbox::Before before,
                   std::optional<Bytes> state_before, std::uint64_t bytes_max) {
    write(tree, key, value, before, state_before, bytes_max);
}

void WriteSet::erase(TreeId tree, Bytes key, std::optional<Bytes> state_before,
                     std::uint64_t bytes_max) {
    write(tree, key, std::nullopt, outbox::Before::present, state_before, bytes_max);
}

void WriteSet::publish(Bytes event, journal::CommitTags tags, std::uint64_t bytes_max) {
    require_fit(event.size(), bytes_max);
    tags_ |= tags;
    events_.push_back({.stamp = stamp_ + 1, .bytes = Buffer{event}});
    ++stamp_;
    bytes_ += event.size();
}

void WriteSet::set_context(const outbox::Context& context, std::uint64_t bytes_max) {
    const std::size_t bytes = contexts_.set(context, stamp_, room(bytes_max));
    require_fit(bytes, bytes_max);
    bytes_ += bytes;
}

void WriteSet::rollback_to(std::uint64_t stamp) noexcept {
    while (!writes_.empty() && writes_.back().version->stamp() > stamp) {
        Version& version = *writes_.back().version;
        version.withdraw();
        bytes_ -= version.size();
        bytes_withdrawn_ += version.size();
        writes_.pop_back();
    }
    while (!states_before_.empty() && states_before_.back().stamp > stamp) {
        bytes_ -= states_before_.back().bytes.size();
        states_before_.pop_back();
    }
    while (!events_.empty() && events_.back().stamp > stamp) {
        bytes_ -= events_.back().bytes.size();
        events_.pop_back();
    }
}

std::optional<Bytes> WriteSet::state_before(std::uint64_t stamp) const noexcept {
    const auto found =
        std::partition_point(states_before_.begin(), states_before_.end(),
                             [&](const StateBefore& state) { return state.stamp < stamp; });
    if (found == states_before_.end() || found->stamp != stamp) return std::nullopt;
    return Bytes{found->bytes};
}

/// The first write of the key decides: the later ones have found what the transaction itself wrote.
/// The state can be with a later one, see `WriteTransaction::state_to_keep`.
WriteSet::Earlier WriteSet::earlier(const Version& newest) const noexcept {
    Earlier earlier;
    for (const Version* version = &newest; version != nullptr; version = version->older()) {
        if (version->is_withdrawn()) continue;
        earlier.before = found_by(*version);
        if (states_before_.empty()) continue;
        if (const auto state = state_before(version->stamp())) earlier.state = state;
    }
    return earlier;
}

std::optional<WriteSet::Earlier> WriteSet::earlier(TreeId tree, Bytes key) const {
    const Version* const newest = find(tree, key);
    if (newest == nullptr) return std::nullopt;
    return earlier(*newest);
}

namespace {

/// The contexts to which a record refers, in the order in which it first does.
class UsedContexts {
  public:
    /// `last`: the stamp of the last write.
    UsedContexts(const WriteContexts& all, std::uint64_t last)
        : all_{all}, places_(all.empty() ? 0 : all.count(), none) {
        if (!all.empty()) numbers_ = all.numbers_up_to(last);
    }

    void use(std::uint64_t stamp) {
        if (all_.empty()) [[likely]] {
            return;
        }
        const std::size_t number = numbers_[static_cast<std::size_t>(stamp)];
        if (places_[number] != none) return;
        places_[number] = used_.size();
        used_.push_back(all_.context(number));
    }
    /// The place of the context of the write with this stamp, which has been used.
    [[nodiscard]] std::size_t place(std::uint64_t stamp) const noexcept {
        return all_.empty() ? 0 : places_[numbers_[static_cast<std::size_t>(stamp)]];
    }
    /// None if all writes have the empty context.
    [[nodiscard]] std::span<const outbox::Context> used() const noexcept {
        const bool is_only_empty = used_.size() == 1 && used_.front() == outbox::Context{};
        return is_only_empty ? std::span<const outbox::Context>{} : used_;
    }
    [[nodiscard]] std::size_t bytes() const noexcept {
        std::size_t sum = 0;
        for (const outbox::Context& one : used()) {
            sum += one.origin.size() + one.correlation.size() + one.causation.size() +
                   outbox::RecordWriter::context_bytes_max;
        }
        return sum;
    }

  private:
    static constexpr std::size_t none = SIZE_MAX;
    const WriteContexts& all_;
    std::vector<std::uint32_t> numbers_;  // by stamp
    std::vector<std::size_t> places_;     // by number
    std::vector<outbox::Context> used_;
};

}  // namespace

Buffer WriteSet::encode() const {
    std::array<std::vector<const Version*>, trees_count> changes;
    UsedContexts contexts{contexts_, stamp_};
    std::size_t bytes = outbox::RecordWriter::frame_bytes_max;
    for (const TreeId tree : trees_all) {
        outbox::SkipCursor cursor{list(tree), stamp_};
        auto& found = changes[index_of(tree)];
        for (cursor.seek_first(); cursor.version() != nullptr; cursor.next()) {
            found.push_back(cursor.version());
            contexts.use(cursor.version()->stamp());
            bytes += cursor.version()->size() + outbox::RecordWriter::change_bytes_max;
        }
    }
    for (const StateBefore& state : states_before_) bytes += state.bytes.size();
    for (const Event& event : events_) {
        contexts.use(event.stamp);
        bytes += event.bytes.size() + outbox::RecordWriter::event_bytes_max;
    }

    // The usual transaction writes each key once and keeps no state.
    std::size_t versions = 0, keys = 0;
    for (const TreeId tree : trees_all) {
        versions += list(tree).versions();
        keys += changes[index_of(tree)].size();
    }
    const bool is_simple = versions == keys && states_before_.empty();

    outbox::RecordWriter writer{bytes + contexts.bytes(), contexts.used()};
    for (const auto& found : changes) {
        writer.begin_changes(found.size());
        for (const Version* const version : found) {
            outbox::Change change{.key = version->key(),
                                  .context = contexts.place(version->stamp())};
            if (!version->is_removal()) change.value = version->value();
            if (is_simple) {
                change.before = found_by(*version);
            } else {
                const Earlier before = earlier(*version);
                change.before = before.before;
                change.state_before = before.state;
            }
            writer.change(change);
        }
    }
    writer.begin_events(events_.size());
    for (const Event& event : events_) writer.event(event.bytes, contexts.place(event.stamp));
    return std::move(writer).finish();
}

std::vector<SpaceId> WriteSet::spaces() const {
    std::vector<SpaceId> spaces;
    for (const Write& write : writes_) {
        const auto space = space_of(write.version->key());
        if (space && (spaces.empty() || spaces.back() != *space)) spaces.push_back(*space);
    }
    std::ranges::sort(spaces);
    const auto repeated = std::ranges::unique(spaces);
    spaces.erase(repeated.begin(), repeated.end());
    return spaces;
}

void WriteSet::clear() noexcept {
    for (WrittenKeys& keys : keys_) keys.clear();
    writes_.clear();
    events_.clear();
    states_before_.clear();
    contexts_.clear();
    tags_ = {};
    stamp_ = 0;
    bytes_ = 0;
    bytes_withdrawn_ = 0;
}

}  // namespace amphora::transaction

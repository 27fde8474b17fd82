#include "outbox/gate.hpp"

#include "base/clock.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace amphora::outbox {
namespace {

/// Room is asked for what is pending and this much more; asked again when half of it is used up,
/// and every so often, because others write to the disk too.
constexpr tree::Tree::Load slack{.bytes = 1u << 20, .keys = 1000};
constexpr std::int64_t room_ms = 200;

/// Beside what is pending, removals are admitted where so much has room: what a commit of a few of
/// them needs. Where nothing is pending, whatever they need is asked for at their commit.
constexpr tree::Tree::Load removals{.bytes = 64u << 10, .keys = 100};

/// While waiting, to see a disk that others have made room on.
constexpr std::chrono::milliseconds look_again{20};

constexpr double mebibyte = 1u << 20;

constexpr tree::Tree::Load operator+(tree::Tree::Load a, tree::Tree::Load b) noexcept {
    return {.bytes = a.bytes + b.bytes, .keys = a.keys + b.keys};
}

void lower(TreeAdmission& admission, Admits admits, ErrorCode code) noexcept {
    if (admits <= admission.admits) return;
    admission = {.admits = admits, .code = code};
}

}  // namespace

Gate::Gate(const OutboxOptions& options, journal::Journal& journal, const Pending& pending,
           const Kept& kept, std::array<Side, trees_count> sides)
    : options_{options}, journal_{journal}, pending_{pending}, kept_{kept}, sides_{sides} {}

tree::Tree::Load Gate::pending(TreeId tree) const noexcept {
    return {.bytes = pending_.used_bytes(tree), .keys = pending_.entries(tree)};
}

// Journal and trees share one disk. What is promised to a tree is left to it by the other one and
// by the journal; otherwise rows that go on while the documents have no room left would take what
// deleting the documents needs.
tree::Tree::Room Gate::room_for(TreeId tree, tree::Tree::Load load) const {
    std::uint64_t promised = 0;
    std::uint64_t others = options_.next_segment_bytes;
    for (const TreeId each : trees_all) {
        const auto need =
            sides_[index_of(each)].tree->disk_need(each == tree ? load : pending(each));
        promised += need.bytes;
        if (each != tree) others += need.bytes + need.reserve_bytes;
    }
    journal_.leave_free(promised);
    return sides_[index_of(tree)].tree->room_for(load, others);
}

tree::Tree::Room Gate::room(TreeId tree) noexcept {
    Room& room = rooms_[index_of(tree)];
    const std::int64_t now_ms = steady_ms();
    const tree::Tree::Load load = pending(tree);
    const auto before = room.found.load(std::memory_order_relaxed);
    // Where there is less than enough, nothing is there beyond what was asked for; and what was
    // delivered meanwhile needs no room any more.
    const bool is_as_asked = load.keys == room.entries.load(std::memory_order_relaxed);
    if (now_ms - room.at_ms.load(std::memory_order_relaxed) < room_ms &&
        load.bytes < room.used_bytes.load(std::memory_order_relaxed) + slack.bytes / 2 &&
        load.keys < room.entries.load(std::memory_order_relaxed) + slack.keys / 2 &&
        (before == tree::Tree::Room::enough || is_as_asked))
        return before;
    auto found = tree::Tree::Room::none;
    try {
        found = room_for(tree, load + slack);
        // Removals are what the reserve is for; they need little in advance.
        const tree::Tree::Load least = load.keys == 0 ? load : load + removals;
        if (found == tree::Tree::Room::none && room_for(tree, least) != tree::Tree::Room::none)
            found = tree::Tree::Room::removals_only;
    } catch (...) {
        // A file system that cannot even be asked has no room that could be promised.
    }
    room.found.store(found, std::memory_order_relaxed);
    room.used_bytes.store(load.bytes, std::memory_order_relaxed);
    room.entries.store(load.keys, std::memory_order_relaxed);
    room.at_ms.store(now_ms, std::memory_order_relaxed);
    return found;
}

// Where there is enough, half of the slack may be used up since that was found, and the other half
// is there for a small commit. Where there is less, nothing is left over that was not asked for:
// the smallest removal could be the one that has no place any more, behind its acknowledgement.
void Gate::require_room(const Record& record) {
    for (const TreeId tree : trees_all) {
        const tree::Tree::Load load{.bytes = record.content_bytes(tree),
                                    .keys = record.changes(tree)};
        if (load.keys == 0) continue;
        const bool is_small = load.bytes < slack.bytes / 2 && load.keys < slack.keys / 2;
        if (is_small && room(tree) == tree::Tree::Room::enough) continue;
        const auto found = room_for(tree, pending(tree) + load);
        if (found == tree::Tree::Room::enough) continue;
        if (found == tree::Tree::Room::removals_only && record.puts(tree) == 0) continue;
        // For whoever tries again.
        sides_[index_of(tree)].relay->request(pending_.published());
        throw Error{
            ErrorCode::disk_full,
            fmt::format(
                "a commit of {} changes, {:.1f} MiB, has no room in the {} tree beside what "
                "is pending; make room on the disk, or commit in smaller parts",
                record.changes(tree), static_cast<double>(record.content_bytes(tree)) / mebibyte,
                to_string(tree))};
    }
}

bool Gate::documents_hold_up_the_journal() const noexcept {
    const Sequence held = sides_[index_of(TreeId::documents)].relay->held();
    return held <= sides_[index_of(TreeId::relational)].relay->held() &&
           held <= kept_.needed_after();
}

TreeAdmission Gate::of(TreeId tree, std::uint64_t journal_bytes) noexcept {
    TreeAdmission admission;
    const std::uint64_t memory = pending_.memory_bytes(tree);
    const bool is_documents = tree == TreeId::documents;
    const ErrorCode backlog = is_documents ? ErrorCode::documents_stalled : ErrorCode::outbox_full;

    if (memory >= options_.pending_bytes_max) lower(admission, Admits::removals, backlog);
    if (memory >= options_.pending_bytes_max + options_.pending_reserve_bytes)
        lower(admission, Admits::nothing, backlog);

    if (is_documents && journal_bytes >= options_.journal_bytes_max / 2 &&
        documents_hold_up_the_journal())
        lower(admission, Admits::removals, ErrorCode::documents_stalled);
    if (journal_bytes >= options_.journal_bytes_max)
        lower(admission, Admits::removals, ErrorCode::outbox_full);
    if (journal_bytes >= options_.journal_bytes_max + options_.journal_reserve_bytes)
        lower(admission, Admits::nothing, ErrorCode::outbox_full);

    switch (room(tree)) {
        case tree::Tree::Room::enough:
            break;
        case tree::Tree::Room::removals_only:
            lower(admission, Admits::removals, ErrorCode::disk_full);
            break;
        case tree::Tree::Room::none:
            lower(admission, Admits::nothing, ErrorCode::disk_full);
            break;
    }
    return admission;
}

// The bound is for what is not yet held by both trees, or is kept for somebody. When both hold
// everything, what else lies in the segment that is being written is neither, and only further
// commits can bring that segment to its end: it may be larger than others, after a recovery that
// copied much, and must not stop them.
std::uint64_t Gate::journal_bytes() const noexcept {
    const Sequence published = pending_.published();
    const auto holds_all = [&](const Side& side) { return side.relay->held() >= published; };
    if (std::all_of(sides_.begin(), sides_.end(), holds_all)) return journal_.bytes_closed();
    return journal_.bytes_live();
}

Admission Gate::admission() noexcept {
    const std::uint64_t journal_bytes = this->journal_bytes();
    Admission admission;
    for (const TreeId tree : trees_all) admission[tree] = of(tree, journal_bytes);
    return admission;
}

// A backlog of rows is waited for, a full disk is not (nobody knows for how long) unless it is full
// of what is just being delivered, and a backlog of documents only while their tree is at work: a
// stalled one must not stop those who write only rows.
bool Gate::worth_waiting(const Admission& admission) const noexcept {
    const auto waits = [](const TreeAdmission& tree) {
        return tree.admits != Admits::everything && tree.code != ErrorCode::disk_full;
    };
    const TreeAdmission& rows = admission[TreeId::relational];
    const bool makes_room = rows.admits == Admits::nothing &&
                            pending_.entries(TreeId::relational) != 0 &&
                            !sides_[index_of(TreeId::relational)].relay->stalled();
    return waits(rows) || makes_room ||
           (waits(admission[TreeId::documents]) &&
            !sides_[index_of(TreeId::documents)].relay->stalled());
}

// Asks those relays whose work would help.
void Gate::hurry(const Admission& admission) {
    const bool journal_fills = journal_bytes() >= options_.journal_bytes_max / 2;
    for (const TreeId tree : trees_all) {
        Relay& relay = *sides_[index_of(tree)].relay;
        if (journal_fills || admission[tree].admits != Admits::everything)
            relay.request(pending_.published());
        if (journal_fills) relay.request_hold(relay.delivered());
    }
}

Admission Gate::admit(Deadline deadline) {
    Admission found = admission();
    if (found.is_free()) [[likely]]
        return found;

    const auto last =
        std::chrono::steady_clock::now() + std::chrono::milliseconds{options_.wait_ms_max};
    const auto until = deadline ? std::min(*deadline, last) : last;
    while (worth_waiting(found) && std::chrono::steady_clock::now() < until) {
        hurry(found);
        {
            std::unique_lock lock{mutex_};
            const std::uint64_t seen = changes_;
            changed_.wait_until(lock,
                                std::min(until, std::chrono::steady_clock::now() + look_again),
                                [&] { return changes_ != seen; });
        }
        found = admission();
    }
    if (found[TreeId::relational].admits == Admits::nothing)
        refuse(TreeId::relational, found[TreeId::relational]);
    return found;
}

void Gate::notify() noexcept {
    {
        const std::lock_guard lock{mutex_};
        ++changes_;
    }
    changed_.notify_all();
}

std::string Gate::what_delivery_waits_for() const {
    const Sequence held = std::min(sides_[0].relay->held(), sides_[1].relay->held());
    if (const std::string_view keeper = kept_.who_keeps(held); !keeper.empty())
        return fmt::format("the journal is kept for {}", keeper);
    return "the statistics say what delivery waits for";
}

void Gate::refuse(TreeId tree, const TreeAdmission& admission) const {
    const char* const what = admission.admits == Admits::nothing
                                 ? "takes nothing at the moment"
                                 : "takes only removals at the moment";
    const double journal = static_cast<double>(journal_.bytes_live()) / mebibyte;
    const double pending = static_cast<double>(pending_.memory_bytes(tree)) / mebibyte;
    switch (admission.code) {
        case ErrorCode::disk_full:
            throw Error{
                admission.code,
                fmt::format("the {} tree {}: there is no room on the disk or in its map for "
                            "what is already committed and more; make room, then try again",
                            to_string(tree), what)};
        case ErrorCode::documents_stalled:
            throw Error{
                admission.code,
                fmt::format("the {} tree {}: its backlog is full (undelivered in memory {:.1f} "
                            "MiB, journal {:.1f} MiB); rows can still be written; {}",
                            to_string(tree), what, pending, journal, what_delivery_waits_for())};
        default:
            throw Error{
                admission.code,
                fmt::format("the {} tree {}: undelivered work has reached its bound (in memory "
                            "{:.1f} of {:.1f} MiB, journal {:.1f} of {:.1f} MiB); try again, {}",
                            to_string(tree), what, pending,
                            static_cast<double>(options_.pending_bytes_max) / mebibyte, journal,
                            static_cast<double>(options_.journal_bytes_max) / mebibyte,
                            what_delivery_waits_for())};
    }
}

}  // namespace amphora::outbox

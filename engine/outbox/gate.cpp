#include "outbox/gate.hpp"

#include "base/clock.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace amphora::outbox {
namespace {

/// Room is tested for what is pending and this much more. It is tested again when half of it has
/// entered, and after a while, because other programs write to the disk, too. If there is too
/// little for the wide slack, the tight one is tested, and more often.
constexpr tree::Tree::Load wide_slack{.bytes = 1u << 20, .keys = 1000};
constexpr tree::Tree::Load tight_slack{.bytes = 256u << 10, .keys = 400};
constexpr std::int64_t room_ms = 200;

/// Removals are admitted if there is room for this much in addition to what is pending: what a
/// commit of a few removals needs. If nothing is pending, their need is tested at their commit.
constexpr tree::Tree::Load removals{.bytes = 64u << 10, .keys = 100};

/// The interval for looking again while waiting, in case another program has made room on the disk.
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
           const Keepers& keepers, std::array<Side, trees_count> sides)
    : options_{options},
      journal_{journal},
      pending_{pending},
      keepers_{keepers},
      sides_{sides},
      disk_{options, journal, pending, {sides[0].tree, sides[1].tree}} {}

tree::Tree::Room Gate::look_for_room(TreeId tree, tree::Tree::Load load,
                                     tree::Tree::Load& slack) const {
    for (const tree::Tree::Load each : {wide_slack, tight_slack}) {
        slack = each;
        if (disk_.room_for(tree, load + each) == tree::Tree::Room::enough) {
            disk_.leave_free_for_puts(tree, load + each);
            return tree::Tree::Room::enough;
        }
        // An empty part of the map costs nothing, so the map is not filled to the last page: the
        // rest takes removals of many keys at once.
        if (disk_.is_map_full(tree, load + each)) break;
    }
    disk_.leave_free_for_removals();
    const tree::Tree::Load least = load.keys == 0 ? load : load + removals;
    // The reserve is for removals; they need little in advance.
    return disk_.room_for(tree, least) == tree::Tree::Room::none ? tree::Tree::Room::none
                                                                 : tree::Tree::Room::removals_only;
}

tree::Tree::Room Gate::room(TreeId tree) noexcept {
    Room& room = rooms_[index_of(tree)];
    const std::int64_t now_ms = steady_ms();
    const std::uint64_t entered_bytes = pending_.entered_bytes(tree);
    const std::uint64_t entered_entries = pending_.entered_entries(tree);
    const tree::Tree::Load load = disk_.pending(tree);
    const auto before = room.found.load(std::memory_order_relaxed);
    // If there is less than enough, only what was tested is known to fit.
    const bool is_as_asked = load.keys == room.entries.load(std::memory_order_relaxed);
    const tree::Tree::Load asked = room.slack();
    if (now_ms - room.at_ms.load(std::memory_order_relaxed) < room_ms &&
        entered_bytes < room.entered_bytes.load(std::memory_order_relaxed) + asked.bytes / 2 &&
        entered_entries < room.entered_entries.load(std::memory_order_relaxed) + asked.keys / 2 &&
        (before == tree::Tree::Room::enough || is_as_asked)) {
        return before;
    }
    auto found = tree::Tree::Room::none;
    tree::Tree::Load slack = tight_slack;
    try {
        found = look_for_room(tree, load, slack);
    } catch (...) {
        // If the file system cannot even be asked, no room can be promised.
    }
    room.slack_bytes.store(slack.bytes, std::memory_order_relaxed);
    room.slack_keys.store(slack.keys, std::memory_order_relaxed);
    room.found.store(found, std::memory_order_relaxed);
    room.entries.store(load.keys, std::memory_order_relaxed);
    room.entered_bytes.store(entered_bytes, std::memory_order_relaxed);
    room.entered_entries.store(entered_entries, std::memory_order_relaxed);
    room.at_ms.store(now_ms, std::memory_order_relaxed);
    return found;
}

// If there is enough room, half of the slack may be used since that was found, and the other half
// is for a small commit. If there is less, only what was tested is known to fit: even the smallest
// removal could have no room after its acknowledgement.
void Gate::require_room(const Record& record) {
    for (const TreeId tree : trees_all) {
        const tree::Tree::Load load{.bytes = record.content_bytes(tree),
                                    .keys = record.changes(tree)};
        if (load.keys == 0) continue;
        const auto before = room(tree);
        const tree::Tree::Load slack = rooms_[index_of(tree)].slack();
        const bool is_small = load.bytes < slack.bytes / 2 && load.keys < slack.keys / 2;
        if (is_small && before == tree::Tree::Room::enough) continue;
        const tree::Tree::Load all = disk_.pending(tree) + load;
        const auto found = disk_.room_for(tree, all);
        if (found == tree::Tree::Room::enough) continue;
        if (found == tree::Tree::Room::removals_only && record.puts(tree) == 0) continue;
        request_everything();  // for the next attempt
        throw Error{
            ErrorCode::disk_full,
            fmt::format("a commit of {} changes, {:.1f} MiB, has no room in the {} tree: {}",
                        record.changes(tree),
                        static_cast<double>(record.content_bytes(tree)) / mebibyte, to_string(tree),
                        record.puts(tree) == 0 ? "remove less in one transaction"
                                               : disk_.describe(tree, all))};
    }
}

// At half of the journal's bound.
bool Gate::documents_hold_up_the_journal(std::uint64_t journal_bytes) const noexcept {
    if (journal_bytes < options_.journal_bytes_max / 2) return false;
    const Sequence held = sides_[index_of(TreeId::documents)].relay->held();
    return held <= sides_[index_of(TreeId::relational)].relay->held() &&
           held <= keepers_.needed_after();
}

TreeAdmission Gate::of(TreeId tree, const JournalUse& journal, FeedBound feeds) noexcept {
    TreeAdmission admission;
    const std::uint64_t memory = pending_.memory_bytes(tree);
    const bool is_documents = tree == TreeId::documents;
    const ErrorCode backlog = is_documents ? ErrorCode::documents_stalled : ErrorCode::outbox_full;

    if (memory >= options_.pending_bytes_max) lower(admission, Admits::removals, backlog);
    if (memory >= options_.pending_bytes_max + options_.pending_reserve_bytes) {
        lower(admission, Admits::nothing, backlog);
    }

    if (is_documents && documents_hold_up_the_journal(journal.bytes)) {
        lower(admission, Admits::removals, ErrorCode::documents_stalled);
    }
    const std::uint64_t with_reserve = options_.journal_bytes_max + options_.journal_reserve_bytes;
    if (journal.bytes >= options_.journal_bytes_max) {
        lower(admission, Admits::removals, ErrorCode::outbox_full);
    }
    if (journal.bytes >= with_reserve) lower(admission, Admits::nothing, ErrorCode::outbox_full);
    // What both trees come to hold is from then on kept for feeds only, perhaps much at once. So
    // their bound can be passed by all that the journal may have.
    if (feeds == FeedBound::counts && journal.for_feeds >= options_.feed_bytes_max) {
        const bool is_beyond_reserve =
            journal.for_feeds + journal.bytes >= options_.feed_bytes_max + with_reserve;
        lower(admission, is_beyond_reserve ? Admits::nothing : Admits::removals,
              ErrorCode::feed_full);
    }

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

// The journal's bound is for commits that a tree does not hold yet, or that are kept for a keeper.
// When both trees hold everything, the rest of the segment that is being written is neither, and
// only further commits can fill that segment. After a recovery that copied much it may be larger
// than others, and it must not stop them.
Gate::JournalUse Gate::journal_use() const noexcept {
    const Sequence published = pending_.published();
    const auto holds_all = [&](const Side& side) { return side.relay->held() >= published; };
    const journal::JournalBytes bytes = journal_.bytes();
    const bool is_held = std::all_of(sides_.begin(), sides_.end(), holds_all);
    return {.bytes = (is_held ? bytes.closed : bytes.live) - bytes.unneeded,
            .for_feeds = bytes.for_feeds};
}

Admission Gate::admission(FeedBound feeds) noexcept {
    const JournalUse journal = journal_use();
    Admission admission;
    for (const TreeId tree : trees_all) admission[tree] = of(tree, journal, feeds);
    return admission;
}

bool Gate::is_delivering() const noexcept {
    const auto lags = [&](const Side& side) { return side.relay->held() < pending_.published(); };
    const auto is_stuck = [&](const Side& side) { return lags(side) && side.relay->stalled(); };
    return std::any_of(sides_.begin(), sides_.end(), lags) &&
           std::none_of(sides_.begin(), sides_.end(), is_stuck);
}

// Estimates of what a delivery needs are larger than what it uses, so a disk that is too full for
// what is pending may have room once that is delivered.
bool Gate::delivery_makes_room(TreeId tree, const TreeAdmission& admission) const noexcept {
    if (admission.code != ErrorCode::disk_full || admission.admits == Admits::everything) {
        return false;
    }
    if (!is_delivering()) return false;
    // Removals wait for any room that comes.
    if (admission.admits == Admits::nothing) return pending_.entries(tree) != 0;
    try {
        return disk_.has_room_once_held(tree, tight_slack);
    } catch (...) {
        return false;  // a file system that cannot be asked
    }
}

// A backlog of rows is worth waiting for. A full disk is not, because nobody knows for how long,
// unless it is full of what is just being delivered. A backlog of documents is only while their
// tree works: a stalled one must not stop writers of rows. What is kept for feeds is only while the
// slowest one reads on.
bool Gate::worth_waiting(const Admission& admission) const noexcept {
    const bool are_reading = feeds_read_on();
    const auto waits = [&](const TreeAdmission& tree) {
        if (tree.code == ErrorCode::feed_full && !are_reading) return false;
        return tree.admits != Admits::everything && tree.code != ErrorCode::disk_full;
    };
    return waits(admission[TreeId::relational]) ||
           std::any_of(trees_all.begin(), trees_all.end(),
                       [&](TreeId tree) { return delivery_makes_room(tree, admission[tree]); }) ||
           (waits(admission[TreeId::documents]) &&
            !sides_[index_of(TreeId::documents)].relay->stalled());
}

bool Gate::await_next_segment() {
    const Deadline until{std::chrono::milliseconds{options_.wait_ms_max}};
    while (!disk_.has_next_segment()) {
        if (!is_delivering() || until.has_passed()) return false;
        request_everything();
        await_change(until);
    }
    return true;
}

// Wakes for every change, and after a short time.
void Gate::await_change(Deadline until) {
    std::unique_lock lock{mutex_};
    const std::uint64_t seen = changes_;
    earlier(until, Deadline{look_again}).await(changed_, lock, [&] { return changes_ != seen; });
}

void Gate::request_everything() const noexcept {
    for (const Side& side : sides_) {
        side.relay->request(pending_.published());
        side.relay->request_hold(side.relay->delivered());
        side.relay->request_reclaim();
    }
}

// Asks the relays whose work would help.
void Gate::hurry(const Admission& admission) {
    const bool journal_fills = journal_use().bytes >= options_.journal_bytes_max / 2;
    const bool disk_is_full = std::any_of(trees_all.begin(), trees_all.end(), [&](TreeId tree) {
        return admission[tree].code == ErrorCode::disk_full;
    });
    for (const TreeId tree : trees_all) {
        Relay& relay = *sides_[index_of(tree)].relay;
        if (journal_fills || disk_is_full || admission[tree].admits != Admits::everything) {
            relay.request(pending_.published());
        }
        if (journal_fills || disk_is_full) relay.request_hold(relay.delivered());
    }
}

Admission Gate::admit(Deadline deadline, FeedBound feeds) {
    Admission found = admission(feeds);
    if (found.is_free()) [[likely]] {
        return found;
    }

    const Deadline until =
        earlier(deadline, Deadline{std::chrono::milliseconds{options_.wait_ms_max}});
    while (worth_waiting(found) && !until.has_passed()) {
        hurry(found);
        await_change(until);
        found = admission(feeds);
    }
    if (found[TreeId::relational].admits == Admits::nothing) {
        refuse(TreeId::relational, found[TreeId::relational]);
    }
    return found;
}

void Gate::notify() noexcept {
    {
        const std::lock_guard lock{mutex_};
        ++changes_;
    }
    changed_.notify_all();
}

bool Gate::feeds_read_on() const noexcept {
    try {
        const auto slowest = journal_.slowest_feed();
        return slowest && steady_ms() - slowest->moved_ms < options_.stalled_ms;
    } catch (...) {
        return false;  // without memory for the name
    }
}

std::string Gate::what_feeds_keep() const {
    const auto slowest = journal_.slowest_feed();
    if (!slowest) return "what the journal kept for feeds is being recycled; try again";
    return fmt::format(
        "the journal is kept for {}, which has read up to commit {} and lags by {} "
        "commits and {:.1f} MiB; {}, or open the database with a larger "
        "feed_bytes_max ({:.1f} MiB)",
        slowest->name, number(slowest->after), slowest->commits,
        static_cast<double>(slowest->bytes) / mebibyte, slowest->remedy,
        static_cast<double>(options_.feed_bytes_max) / mebibyte);
}

std::string Gate::what_delivery_waits_for() const {
    const Sequence held = std::min(sides_[0].relay->held(), sides_[1].relay->held());
    if (const std::string_view keeper = keepers_.slowest_below(held); !keeper.empty()) {
        return fmt::format("the journal is kept for {}", keeper);
    }
    return "the statistics say what delivery waits for";
}

void Gate::refuse(TreeId tree, const TreeAdmission& admission) const {
    const char* const what = admission.admits == Admits::nothing
                                 ? "takes nothing at the moment"
                                 : "takes only removals at the moment";
    const double journal = static_cast<double>(journal_use().bytes) / mebibyte;
    const double pending = static_cast<double>(pending_.memory_bytes(tree)) / mebibyte;
    switch (admission.code) {
        case ErrorCode::disk_full:
            // For the next attempt: removals give their room back when the trees hold them.
            request_everything();
            throw Error{admission.code,
                        fmt::format("the {} tree {}: {}", to_string(tree), what,
                                    disk_.describe(tree, disk_.pending(tree) + tight_slack))};
        case ErrorCode::feed_full:
            throw Error{admission.code, fmt::format("the {} tree {}: {}", to_string(tree), what,
                                                    what_feeds_keep())};
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

#pragma once

#include "journal/feed_hold.hpp"
#include "journal/recovery/chain_segment.hpp"

#include <amphora/types.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace amphora::journal {

class LiveJournal;

/// What a cursor or a stored position needs of a live journal: the segment with this number, and
/// all later ones. Used only with the journal's mutex, except the atomic members and `options`.
struct LiveHold {
    explicit LiveHold(HoldOptions with) : options{std::move(with)} {}

    const HoldOptions options;
    std::uint64_t segment = 0;
    std::atomic<Sequence> position{};
    /// It holds nothing: the journal could not wait for it any longer. Segments are recycled after
    /// this was set, so what was read before it was set is whole.
    std::atomic<bool> is_lost{false};
    std::atomic<std::int64_t> moved_ms{};

    // Of a stored position.
    struct Move {
        Sequence after{}, stored_by{};
        [[nodiscard]] bool is_due(Sequence durable) const noexcept {
            return stored_by != Sequence{} && stored_by <= durable;
        }
    };
    /// Positions whose commits were not durable when they came: the first of them, and the last.
    /// Those in between need no memory, because a commit becomes durable with all earlier ones.
    Move next = {}, last = {};

    // Of a cursor.
    bool is_woken = false;
    std::function<void()> on_more = {};  ///< may be empty
    bool is_armed = false;               ///< the cursor has found nothing, and waits for the call
    bool is_waiting = false;             ///< in `await`
    bool tells_all = false;              ///< also of commits that are not wanted
    Sequence armed_at{};                 ///< its position when it was armed
};

/// A segment that is held, up to what is durable.
struct HeldSegment {
    ChainSegment segment;
    bool is_closed = false;  ///< it has a successor, and does not grow any more
};

/// All holds of a journal. Guarded by the journal's mutex.
class LiveHolds {
  public:
    void add(LiveHold& hold) { holds_.push_back(&hold); }
    void remove(const LiveHold& hold) noexcept { std::erase(holds_, &hold); }

    [[nodiscard]] const std::vector<LiveHold*>& all() const noexcept { return holds_; }
    [[nodiscard]] bool empty() const noexcept { return holds_.empty(); }
    [[nodiscard]] bool hold(std::uint64_t segment) const noexcept {
        return std::ranges::any_of(holds_, [&](const LiveHold* each) {
            return !each->is_lost && each->segment <= segment;
        });
    }
    /// Whether a prompt cursor waits for a commit of those for which `is_wanted(tags)`.
    template <class IsWanted>
    [[nodiscard]] bool wait_promptly(IsWanted is_wanted) const {
        return std::ranges::any_of(holds_, [&](const LiveHold* each) {
            return each->options.is_prompt && (each->is_armed || each->is_waiting) &&
                   is_wanted(each->options.wanted);
        });
    }
    /// Null: there is none. Of those in the same segment one that does not skip.
    [[nodiscard]] LiveHold* slowest() const noexcept {
        LiveHold* slowest = nullptr;
        for (LiveHold* const each : holds_) {
            if (!each->is_lost && (slowest == nullptr || is_before(*each, *slowest))) {
                slowest = each;
            }
        }
        return slowest;
    }
    [[nodiscard]] static bool is_before(const LiveHold& a, const LiveHold& b) noexcept {
        if (a.segment != b.segment) return a.segment < b.segment;
        const auto skips = [](const LiveHold& each) {
            return each.options.when_full == FeedFull::skip;
        };
        if (skips(a) != skips(b)) return skips(b);
        return a.position.load() < b.position.load();
    }
    static void tell_more(LiveHold& hold) {
        if (std::exchange(hold.is_armed, false)) hold.on_more();
    }

  private:
    std::vector<LiveHold*> holds_;
};

/// A stored position.
class LivePositionHold final : public PositionHold {
  public:
    LivePositionHold(LiveJournal& journal, HoldOptions options, Sequence after);
    ~LivePositionHold() override;
    void move(Sequence after, Sequence stored_by) override;
    void release() noexcept override;

  private:
    LiveJournal& journal_;
    LiveHold hold_;
};

}  // namespace amphora::journal

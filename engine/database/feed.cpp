#include "database/feed_state.hpp"

#include <amphora/database.hpp>
#include <amphora/error.hpp>

#include <fmt/format.h>

#include <utility>

namespace amphora {

namespace detail {

using journal::JournalCursor;

FeedState::FeedState(std::shared_ptr<Core> core, const FeedOptions& options)
    : core_{std::move(core)},
      use_{std::in_place, *core_},
      shown_{core_->lineage},
      feed_{std::make_unique<events::Feed>(feed_source(*core_, {.name = "an open feed",
                                                                .remedy = "read on, or destroy it",
                                                                .when_full = options.when_full,
                                                                .is_prompt = options.prompt}),
                                           options.selections)} {
    if (options.after) {
        feed_->seek(*options.after);
    } else if (options.start == FeedStart::end) {
        feed_->seek_end();
    } else if (options.start == FeedStart::snapshot) {
        feed_->seek_snapshot(durable_snapshot(*core_));
    }
    if (!options.reader.empty()) {
        reader_ = std::make_unique<NamedReader>(core_, options, *feed_);
    }
}

FeedState::FeedState(const ArchiveState& archive, const FeedOptions& options)
    : shown_{archive.chain().lineage},
      feed_{std::make_unique<events::Feed>(archive.feed_source(), options.selections)} {
    if (!options.reader.empty()) {
        throw Error{ErrorCode::invalid_argument,
                    "an archive knows no readers; leave FeedOptions::reader empty, and store the "
                    "position"};
    }
    if (options.after) {
        feed_->seek(*options.after);
    } else if (options.start == FeedStart::end) {
        feed_->seek_end();
    } else if (options.start == FeedStart::snapshot) {
        throw Error{ErrorCode::invalid_argument,
                    "an archive has changes and no snapshot; begin with the oldest change, or "
                    "restore a backup"};
    }
}

FeedState::~FeedState() {
    if (core_ && core_->process.elsewhere()) static_cast<void>(feed_.release());
}

const Change* FeedState::next(Deadline deadline) {
    require_process();
    for (;;) {
        if (!await_resumed(deadline)) return nullptr;
        const events::CommitChange* current = feed_->next();
        if (current == nullptr && descriptor_) {
            // In this order: what came before the second look is seen, what comes after it signals.
            descriptor_->clear();
            current = feed_->next();
            if (current != nullptr) descriptor_->signal();
        }
        if (current != nullptr) return &shown_.show(*current);
        const JournalCursor::More more = feed_->await(deadline);
        if (more == JournalCursor::More::now) continue;
        const bool is_woken = take_wake();
        if (more == JournalCursor::More::never) {
            const std::lock_guard lock{mutex_};
            ended_ = true;
            if (descriptor_) descriptor_->signal();
            return nullptr;
        }
        if (is_woken || deadline.has_passed()) return nullptr;
    }
}

/// False: the deadline has passed, or another thread ends the wait.
bool FeedState::await_resumed(Deadline deadline) {
    std::unique_lock lock{mutex_};
    if (!paused_) return true;
    const bool is_told = deadline.await(said_, lock, [&] { return !paused_ || woken_; });
    const bool is_woken = std::exchange(woken_, false);
    return is_told && !is_woken;
}

bool FeedState::take_wake() noexcept {
    const std::lock_guard lock{mutex_};
    return std::exchange(woken_, false);
}

void FeedState::seek(const FeedPosition& position) {
    require_process();
    feed_->seek(position);
    const std::lock_guard lock{mutex_};
    ended_ = false;
}

void FeedState::acknowledge(const FeedPosition& position) {
    require_process();
    if (core_) core_->require_writable();
    if (!reader_) {
        throw Error{ErrorCode::invalid_argument,
                    "this feed has no name; give it one with FeedOptions::reader"};
    }
    const auto shown = feed_->position();
    if (!shown) {
        throw Error{ErrorCode::invalid_argument,
                    "the rows and documents of the snapshot are not all shown yet; acknowledge "
                    "after the last one"};
    }
    const FeedPosition known = feed_->require_known(position);
    if (events::is_after(known, *shown)) {
        throw Error{
            ErrorCode::invalid_argument,
            fmt::format("{} was not shown yet; acknowledge what is done", to_string(position))};
    }
    reader_->acknowledge(known);
}

int FeedState::descriptor() {
    require_process();
    if (!descriptor_) {
        descriptor_.emplace();
        descriptor_->signal();
        feed_->on_more([this] { descriptor_->signal(); });
    }
    return descriptor_->number();
}

void FeedState::wake() noexcept {
    {
        const std::lock_guard lock{mutex_};
        woken_ = true;
    }
    said_.notify_all();
    feed_->wake();
}

void FeedState::pause(bool paused) noexcept {
    {
        const std::lock_guard lock{mutex_};
        paused_ = paused;
    }
    said_.notify_all();
    feed_->wake();  // a wait for changes becomes one for `resume`
}

bool FeedState::is_paused() const noexcept {
    const std::lock_guard lock{mutex_};
    return paused_;
}

bool FeedState::has_ended() const noexcept {
    const std::lock_guard lock{mutex_};
    return ended_;
}

}  // namespace detail

Feed::Feed(std::unique_ptr<detail::FeedState> state) noexcept : state_{std::move(state)} {}
Feed::Feed(Feed&&) noexcept = default;
Feed& Feed::operator=(Feed&&) noexcept = default;
Feed::~Feed() = default;

detail::FeedState& Feed::state() const {
    if (state_) [[likely]] {
        return *state_;
    }
    throw Error{ErrorCode::transaction_closed,
                "this Feed was moved from; use the one that it was moved to"};
}

const Change* Feed::next(std::optional<std::chrono::milliseconds> timeout) {
    return state().next(Deadline{timeout});
}
std::optional<FeedPosition> Feed::position() const {
    return state().position();
}
void Feed::seek(const FeedPosition& position) {
    state().seek(position);
}
void Feed::acknowledge(const FeedPosition& position) {
    state().acknowledge(position);
}
int Feed::descriptor() {
    return state().descriptor();
}
void Feed::wake() noexcept {
    if (state_) state_->wake();
}
void Feed::pause() noexcept {
    if (state_) state_->pause(true);
}
void Feed::resume() noexcept {
    if (state_) state_->pause(false);
}
bool Feed::is_paused() const noexcept {
    return state_ && state_->is_paused();
}
bool Feed::has_ended() const noexcept {
    return state_ && state_->has_ended();
}

Feed Database::feed(const FeedOptions& options) const {
    const auto core = current();
    const Core::Use use{*core};
    core->require_usable();
    return Feed{std::make_unique<detail::FeedState>(core, options)};
}

}  // namespace amphora

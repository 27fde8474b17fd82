#include "database/live/observer.hpp"

#include "base/clock.hpp"
#include "base/deadline.hpp"
#include "base/directory_lock.hpp"
#include "base/file.hpp"
#include "database/live/observers_file.hpp"
#include "tree/lmdb/file_check.hpp"
#include "tree/lmdb/validity.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

namespace amphora::live {

/// Keeps a view of the relational tree valid. It is valid
///   - until the time of a pin of the present owner that covers it; or
///   - as long as it is the newest state, because LMDB reuses no page of the newest state.
class Protection final : public lmdb::Validity {
  public:
    Protection(std::shared_ptr<Observer> observer, std::uint64_t version)
        : observer_{std::move(observer)},
          file_{lmdb::data_path(observer_->directory_ + "/relational")},
          version_{version} {}

    void require() const override {
        if (has_ended_.load()) refuse();
        const std::int64_t now_ms = uptime_ms();
        // Another owner may have pinned something else. It says so before it changes anything.
        if (now_ms < until_ms_.load() && observer_->generation() == generation_.load()) {
            if (now_ms >= ask_again_ms_.load()) static_cast<void>(is_pinned(now_ms));
            return;
        }
        if (is_pinned(now_ms) || is_newest()) return;
        has_ended_.store(true);
        refuse();
    }

  private:
    /// Finds the pin that covers the view for the longest time, and wishes that it is kept.
    [[nodiscard]] bool is_pinned(std::int64_t now_ms) const {
        const std::uint64_t generation = observer_->generation();
        const OwnerPart part = observer_->part();
        if (part.generation != generation) return false;  // the owner begins at this moment
        const Pin* longest = nullptr;
        for (const Pin& pin : part.pins) {
            if (pin.from > version_) continue;
            if (longest == nullptr || pin.until_ms > longest->until_ms) longest = &pin;
        }
        if (longest == nullptr || longest->until_ms <= now_ms) return false;
        observer_->wish(longest->number);
        ask_again_ms_.store(now_ms + wish_interval_ms);
        generation_.store(generation);
        until_ms_.store(longest->until_ms);
        return true;
    }

    [[nodiscard]] bool is_newest() const {
        const auto meta = file_.data().steady_meta();
        return meta && meta->transaction == version_;
    }

    [[noreturn]] static void refuse() {
        throw Error{ErrorCode::snapshot_expired,
                    "the owner of the database has not kept what this snapshot reads for longer; "
                    "refresh and take another one, and read it without long pauses"};
    }

    static constexpr std::int64_t wish_interval_ms = 1000;

    const std::shared_ptr<Observer> observer_;
    const lmdb::OpenedFile file_;
    const std::uint64_t version_;
    mutable std::atomic<std::int64_t> until_ms_{0};
    mutable std::atomic<std::int64_t> ask_again_ms_{0};
    mutable std::atomic<std::uint64_t> generation_{0};
    mutable std::atomic<bool> has_ended_{false};
};

namespace {

constexpr std::int64_t figures_age_ms_max = 1600;
constexpr std::chrono::milliseconds figures_wait{4000};

[[noreturn]] void refuse_unprepared(const std::string& directory) {
    if (const auto pid = pid_of_owner(directory)) {
        throw Error{
            ErrorCode::unsupported,
            fmt::format("{}: pid {} has it open with a version of the library that writes no "
                        "files LIVE and OBSERVERS; look when it is closed, or use this version "
                        "there, too",
                        directory, *pid)};
    }
    throw Error{
        ErrorCode::unsupported,
        fmt::format("{}: has no files LIVE and OBSERVERS, because no version of the library "
                    "that makes them has opened it for writing; open it for writing with this "
                    "version once, or open it read-only while nobody has it open",
                    directory)};
}

std::string require_prepared(const std::string& directory, const char* name) {
    const std::string path = directory + "/" + name;
    if (!operating_system_files().exists(path)) refuse_unprepared(directory);
    return path;
}

}  // namespace

OwnerSign sign_of_owner(const std::string& directory) {
    OwnerSign sign;
    const auto pid = pid_of_owner(directory);
    sign.is_alive = pid.has_value();
    sign.pid = pid.value_or(0);
    const std::string page = directory + "/" + page_name;
    if (operating_system_files().exists(page)) {
        sign.generation = PageReader{page}.word(static_cast<std::size_t>(Word::generation));
    }
    return sign;
}

std::string OwnerSign::text() const {
    if (!is_alive) return "nobody has the database open";
    return pid == 0 ? "another process has the database open"
                    : fmt::format("pid {} has the database open", pid);
}

Observer::Observer(std::string directory)
    : directory_{std::move(directory)},
      page_{require_prepared(directory_, page_name)},
      lock_{require_prepared(directory_, observers_name)} {
    lock_.hold(0);
}

std::optional<OwnerNow> Observer::owner() const {
    const auto pid = pid_of_owner(directory_);
    if (!pid) return std::nullopt;
    OwnerNow now{.part = part()};
    const bool is_of_another = now.part.generation != generation();
    if (is_of_another || now.part.state != OwnerState::open) {
        throw Error{
            ErrorCode::timeout,
            fmt::format("{}: is being opened or closed by pid {}; try again", directory_, *pid)};
    }
    const auto word = [&](Word which) {
        return Sequence{page_.word(static_cast<std::size_t>(which))};
    };
    now.durable = word(Word::durable);
    now.visible = word(Word::visible);
    return now;
}

Statistics Observer::figures() const {
    const Deadline deadline{figures_wait};
    for (;;) {
        const Buffer bytes = page_.part(static_cast<std::size_t>(Part::figures));
        if (!bytes.empty()) {
            FiguresPart figures = decode_figures(bytes);
            if (uptime_ms() - figures.taken_ms <= figures_age_ms_max) return figures.statistics;
        }
        if (deadline.has_passed()) break;
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    throw Error{
        ErrorCode::timeout,
        fmt::format("{}: {}, but has written no figures for {} s; it may be stopped", directory_,
                    sign_of_owner(directory_).text(), figures_wait.count() / 1000)};
}

lmdb::ValidityOf Observer::validity() {
    return [self = shared_from_this()](std::uint64_t version) {
        auto protection = std::make_shared<Protection>(self, version);
        protection->require();
        return protection;
    };
}

std::uint64_t Observer::generation() const {
    return page_.word(static_cast<std::size_t>(Word::generation));
}

OwnerPart Observer::part() const {
    return decode_owner_part(page_.part(static_cast<std::size_t>(Part::owner)));
}

/// Takes the new byte first, so that the owner always finds one.
void Observer::wish(std::uint64_t pin) {
    const std::int64_t now_ms = uptime_ms();
    const std::uint64_t byte = wish_byte(pin, now_ms);
    const std::lock_guard lock{mutex_};
    lock_.hold(byte);
    const std::uint64_t before = std::exchange(wishes_[pin], byte);
    if (before != 0 && before != byte) lock_.release(before);
    std::erase_if(wishes_, [&](const auto& wish) {
        const bool is_past = wish.second < wish_byte(wish.first, now_ms - pin_ms);
        if (is_past) lock_.release(wish.second);
        return is_past;
    });
}

}  // namespace amphora::live

#include "database/live/live_owner.hpp"

#include "base/clock.hpp"
#include "base/started_thread.hpp"
#include "base/thread_name.hpp"
#include "database/live/observers_file.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <fstream>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace amphora::live {
namespace {

constexpr std::int64_t fresh_ms = 2000;  ///< the age up to which the newest pin is used
constexpr std::size_t pins_max = 8;
constexpr std::chrono::milliseconds interval{250};
constexpr std::int64_t figures_interval_ms = 1000;

constexpr std::size_t index_of(Word word) noexcept {
    return static_cast<std::size_t>(word);
}
constexpr std::size_t index_of(Part part) noexcept {
    return static_cast<std::size_t>(part);
}

}  // namespace

LiveOwner::LiveOwner(const std::string& directory, const Identity& identity,
                     std::uint32_t age_ms_max, Log log)
    : directory_{directory},
      log_{std::move(log)},
      age_ms_max_{age_ms_max},
      question_{directory + "/" + observers_name},
      page_{PublishedPage::open(directory + "/" + page_name)} {
    part_.identity = identity;
    part_.generation = page_->word(index_of(Word::generation)) + 1;
    part_.state = OwnerState::opening;
    // From here on nobody trusts the pins of an owner that was killed.
    page_->store(index_of(Word::generation), part_.generation);
    publish();
}

LiveOwner::~LiveOwner() {
    close();
}

void LiveOwner::guard(tree::Tree& relational) {
    {
        const std::lock_guard lock{mutex_};
        relational_ = &relational;
    }
    look_after_pins();
}

void LiveOwner::advance(Sequence visible, Sequence durable) noexcept {
    page_->store(index_of(Word::visible), number(visible));
    page_->store(index_of(Word::durable), number(durable));
}

void LiveOwner::before_delivery() noexcept {
    look_after_pins();
}

void LiveOwner::open(Epoch epoch, std::function<Statistics()> figures) {
    {
        const std::lock_guard lock{mutex_};
        part_.state = OwnerState::open;
        part_.epoch = epoch;
        publish();
    }
    figures_ = std::move(figures);
    thread_ = start_thread("looking after observers", [this] { run(); });
}

void LiveOwner::stop() noexcept {
    ends_ = true;
    wake_.give();
    const std::lock_guard lock{joining_};
    if (thread_.joinable()) thread_.join();
}

void LiveOwner::close() noexcept {
    stop();
    std::vector<Held> released;
    const std::lock_guard lock{mutex_};
    if (part_.state == OwnerState::closed) return;
    part_.state = OwnerState::closed;
    part_.pins.clear();
    publish();
    released.swap(pins_);
}

void LiveOwner::run() noexcept {
    name_thread("live");
    while (!ends_) {
        look_after_pins();
        publish_figures();
        wake_.await(Deadline{interval});
    }
}

void LiveOwner::look_after_pins() noexcept {
    std::vector<Held>
        released;  // destroyed without the lock, after LIVE does not name them any more
    try {
        const std::lock_guard lock{mutex_};
        if (relational_ != nullptr && part_.state != OwnerState::closed) change_pins(released);
    } catch (const std::exception& error) {
        // What LIVE names is still held. Observers that need more are told so by their own call.
        if (log_) {
            log_(fmt::format("{}: keeping a view for observers: {}", directory_, error.what()));
        }
    }
}

void LiveOwner::change_pins(std::vector<Held>& released) {
    const bool is_observed = question_.is_held(0, 1);
    if (!is_observed && pins_.empty()) return;
    const std::int64_t now_ms = uptime_ms();
    for (Held& held : pins_) {
        if (!is_observed || !is_wished(held.pin, now_ms)) continue;
        std::int64_t until_ms = now_ms + pin_ms;
        if (age_ms_max_ != 0) until_ms = std::min(until_ms, held.since_ms + age_ms_max_);
        held.pin.until_ms = std::max(held.pin.until_ms, until_ms);
    }
    const bool is_fresh = !pins_.empty() && now_ms - pins_.back().since_ms <= fresh_ms;
    if (is_observed && !is_fresh && pins_.size() < pins_max) {
        auto view = relational_->view();
        const std::int64_t life_ms =
            age_ms_max_ == 0 ? pin_ms : std::min<std::int64_t>(pin_ms, age_ms_max_);
        const Pin pin{.number = next_pin_++, .from = view->version(), .until_ms = now_ms + life_ms};
        pins_.push_back({.pin = pin, .since_ms = now_ms, .view = std::move(view)});
    }
    const auto past = std::stable_partition(
        pins_.begin(), pins_.end(), [&](const Held& held) { return held.pin.until_ms > now_ms; });
    std::move(past, pins_.end(), std::back_inserter(released));
    pins_.erase(past, pins_.end());

    std::vector<Pin> named;
    for (const Held& held : pins_) named.push_back(held.pin);
    if (named == part_.pins) return;
    part_.pins = std::move(named);
    publish();
}

bool LiveOwner::is_wished(const Pin& pin, std::int64_t now_ms) const noexcept {
    const WishRange wishes = wishes_since(pin.number, now_ms - wish_ms_max);
    return question_.is_held(wishes.begin, wishes.end);
}

void LiveOwner::publish() {
    page_->publish(index_of(Part::owner), encode(part_));
}

void LiveOwner::publish_figures() noexcept {
    const std::int64_t now_ms = uptime_ms();
    if (now_ms < figures_due_ms_ || !question_.is_held(0, 1)) return;
    figures_due_ms_ = now_ms + figures_interval_ms;
    try {
        constexpr std::size_t part = index_of(Part::figures);
        FiguresPart figures{.taken_ms = now_ms, .statistics = figures_()};
        page_->publish(part, encode(std::move(figures), PublishedPage::room_of(part)));
    } catch (const std::exception& error) {
        if (log_) log_(fmt::format("{}: figures for observers: {}", directory_, error.what()));
    }
}

/// The system lists all locks of files that this process may see.
std::uint64_t LiveOwner::observers() const {
    struct stat about {};
    if (::stat((directory_ + "/" + observers_name).c_str(), &about) != 0) return 0;
    const std::string first_byte = fmt::format(":{} 0 0", about.st_ino);
    std::uint64_t count = 0;
    std::ifstream locks{"/proc/locks"};
    for (std::string line; std::getline(locks, line);) {
        if (line.ends_with(first_byte) && line.find("OFDLCK") != std::string::npos) ++count;
    }
    return count;
}

}  // namespace amphora::live

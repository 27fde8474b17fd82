#include "console/progress_bar.hpp"

#include "console/units.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace amphora::console {

namespace {

constexpr std::size_t bar_width = 24;
constexpr auto redraw_every = std::chrono::milliseconds{120};

}  // namespace

ProgressBar::ProgressBar(std::string title, std::uint64_t total)
    : title_{std::move(title)}, total_{total}, terminal_{::isatty(STDERR_FILENO) == 1} {}

ProgressBar::~ProgressBar() {
    if (!finished_ && terminal_) std::fputc('\n', stderr);
}

double ProgressBar::seconds() const {
    return std::chrono::duration<double>(Clock::now() - started_).count();
}

void ProgressBar::advance_to(std::uint64_t done) {
    done_ = done;
    if (!terminal_ || Clock::now() - drawn_ < redraw_every) return;
    draw(false);
}

void ProgressBar::finish(std::uint64_t done) {
    done_ = done;
    finished_ = true;
    draw(true);
}

void ProgressBar::say(const std::string& line) {
    if (terminal_) std::fputs("\r\033[K", stderr);
    std::fprintf(stderr, "%s\n", line.c_str());
    if (terminal_) draw(false);
}

void ProgressBar::draw(bool last) {
    drawn_ = Clock::now();
    const double elapsed = std::max(seconds(), 1e-6);
    const double rate = static_cast<double>(done_) / elapsed;
    std::string line = title_;
    if (total_ != 0) {
        const double share =
            std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_));
        const auto filled = static_cast<std::size_t>(share * bar_width);
        line += fmt::format("  [{}{}] {:3.0f}%", std::string(filled, '#'),
                            std::string(bar_width - filled, '-'), share * 100);
        line += fmt::format("  {} of {}", with_commas(done_), with_commas(total_));
    } else {
        line += fmt::format("  {}", with_commas(done_));
    }
    line += fmt::format("  {}/s", with_commas(static_cast<std::uint64_t>(rate)));
    if (last) {
        line += fmt::format("  in {}", duration_text(static_cast<std::uint64_t>(elapsed * 1e6)));
    } else if (total_ != 0 && rate > 0 && done_ < total_) {
        const double left = static_cast<double>(total_ - done_) / rate;
        line += fmt::format("  {} left", duration_text(static_cast<std::uint64_t>(left * 1e6)));
    }
    if (terminal_) {
        std::fprintf(stderr, "\r\033[K%s%s", line.c_str(), last ? "\n" : "");
    } else {
        std::fprintf(stderr, "%s\n", line.c_str());
    }
    std::fflush(stderr);
}

}  // namespace amphora::console

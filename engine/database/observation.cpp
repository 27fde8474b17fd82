#include "database/observation.hpp"

#include "base/clock.hpp"
#include "base/deadline.hpp"
#include "base/filesystem_kind.hpp"
#include "database/directory/directory.hpp"
#include "database/observed_core.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

namespace amphora::detail {
namespace {

constexpr std::chrono::milliseconds pause_min{1};
constexpr std::chrono::milliseconds pause_max{50};

/// What a look at files that change meanwhile may meet, although nothing is wrong with them.
bool may_pass(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::corrupt:
        case ErrorCode::foreign_piece:
        case ErrorCode::not_a_database:
        case ErrorCode::snapshot_expired:
        case ErrorCode::feed_gap:
        case ErrorCode::schema_mismatch:
        case ErrorCode::io_error:
        case ErrorCode::timeout:
            return true;
        default:
            return false;
    }
}

}  // namespace

Observation::Observation(std::string path, std::optional<std::span<const Schema>> schemas,
                         Options options)
    : path_{std::move(path)},
      schemas_{schemas ? std::optional{std::vector(schemas->begin(), schemas->end())}
                       : std::nullopt},
      options_{std::move(options)} {
    require_directory(path_, options_.mode);
    if (on_network(options_) == OnNetwork::refuse) refuse_network_filesystem(path_);
    try_patiently([&] { open_anew(); });
}

std::shared_ptr<Core> Observation::newest() const {
    const std::lock_guard lock{mutex_};
    return newest_;
}

void Observation::open_anew() {
    std::optional<std::span<const Schema>> schemas;
    if (schemas_) schemas = *schemas_;
    std::shared_ptr<Core> opened = open_observed_core(path_, schemas, options_);
    {
        const std::lock_guard lock{mutex_};
        newest_.swap(opened);
    }
    // Feeds of the former opening end.
    if (opened && opened->followed.journal != nullptr) opened->followed.journal->close();
}

Commit Observation::refresh() {
    const std::lock_guard moving{moving_};
    const std::shared_ptr<Core> shown = newest();
    const Core::Use use{*shown};
    shown->require_usable();
    try_patiently([&] {
        if (newest() != shown || !follow_owner(*shown)) open_anew();
    });
    return newest()->engine->snapshot()->commit_seen();
}

void Observation::close() {
    newest()->close();
}

/// An error counts only if nothing has changed meanwhile, or if it does not pass.
void Observation::try_patiently(const std::function<void()>& attempt) {
    const Deadline deadline{patience};
    std::chrono::milliseconds pause = pause_min;
    for (int attempts = 1;; ++attempts) {
        const live::OwnerSign before = live::sign_of_owner(path_);
        try {
            return attempt();
        } catch (const Error& error) {
            const bool is_quiet = !before.is_alive && live::sign_of_owner(path_) == before;
            if (is_quiet || !may_pass(error.code())) throw;
            if (deadline.has_passed()) {
                throw Error{error.code(),
                            fmt::format("{} (tried {} times, for {} s, while {})", error.what(),
                                        attempts, patience.count() / 1000, before.text())};
            }
        }
        std::this_thread::sleep_for(pause);
        pause = std::min(2 * pause, pause_max);
    }
}

}  // namespace amphora::detail

#pragma once

#include <amphora/error.hpp>
#include <amphora/types.hpp>

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace amphora {

/// How the result of an observed query differs from the one that was told before, by primary key or
/// `_id`. `State` is a struct of a generated table, a `Record` or a `Document`.
///
/// Each part is in the order of the keys. A row whose primary key was changed is removed and added.
template <class State>
struct Differences {
    struct Changed {
        State before;
        State after;
    };
    /// The new result is the query as of this commit: a snapshot of it has the same rows.
    Commit commit;
    /// The differences are from the empty result: forget what was told before. So is the first call,
    /// and the first one after an error.
    bool is_whole = false;
    std::vector<State> added;
    std::vector<Changed> changed;
    std::vector<State> removed;
    /// Why there is no result at the moment; the parts are empty then. It is told once.
    /// `result_too_large`: the result exceeds `ObserveOptions::result_bytes_max`; the query is tried
    /// again after each further change. After any other error it is tried again every 100 ms, too:
    /// `corrupt`, `snapshot_expired`, `too_many_snapshots`, `io_error`.
    std::optional<Error> error = std::nullopt;

    [[nodiscard]] bool empty() const noexcept {
        return added.empty() && changed.empty() && removed.empty();
    }
};

struct ObserveOptions {
    /// The engine keeps the last result in memory, to compare it with the next one: keys and states
    /// as they are stored, and up to twice as much while it compares. A larger result is the error
    /// `result_too_large`.
    std::size_t result_bytes_max = 16u << 20;
};

namespace detail {

/// The same differences with other states: `to` makes them.
template <class To, class From, class Make>
[[nodiscard]] Differences<To> converted(const Differences<From>& from, Make to) {
    Differences<To> made;
    made.commit = from.commit;
    made.is_whole = from.is_whole;
    made.error = from.error;
    for (const From& state : from.added) made.added.push_back(to(state));
    for (const auto& both : from.changed) made.changed.push_back({to(both.before), to(both.after)});
    for (const From& state : from.removed) made.removed.push_back(to(state));
    return made;
}

}  // namespace detail

}  // namespace amphora

#pragma once

#include <amphora/types.hpp>

#include <memory>
#include <string>
#include <vector>

namespace amphora {

namespace detail {
class Observed;  // what one observer is told; engine/database
}

/// What has changed since the last call.
struct Committed {
    Commit commit;                   ///< the last one; a snapshot that is taken now shows it
    std::vector<std::string> names;  ///< of tables and collections, each once, sorted
};

/// For user interfaces: a callback of `Database::on_commit` or `Database::observe`, until this object
/// is destroyed.
///
///   auto observer = db.on_commit({"users", "missions"}, [&](const amphora::Committed& changed) {
///       event_loop.post([&, changed] { window.show(db.snapshot(), changed.names); });
///   });
///
/// The callback is called when a commit is visible, which may be before it is durable, and while it
/// runs, further commits are collected: the next call is for all of them. Writers never wait for it.
/// It is called on one thread for all observers of a database, so it should return soon; what it
/// throws goes to the log. Only commits of this `Database` are seen, from the call of `on_commit` on.
///
/// `observe` gives the rows or documents of a query instead, and how they have changed:
///
///   auto observer = db.observe(mission::missions, where(&Mission::status) == "AVAILABLE",
///       [&](const amphora::Differences<Mission>& result) {
///           if (result.is_whole) list.clear();
///           for (const Mission& each : result.added) list.add(each);
///           ...
///       });
///
/// It is called once at the beginning, with everything that the query selects. After a commit that
/// has changed the table or collection, the query is run again, on the thread of the observers, and
/// the callback is called if the result differs. So applying the differences one after the other
/// gives the result of the query as of the last one's commit. Where changes come quickly, several of
/// them are one call, and the query is run for half of the time at most. While its table or
/// collection does not change, it costs nothing. Before the callback is called the result is stored
/// as told: a callback that throws does not get these differences again.
class CommitObserver {
  public:
    CommitObserver(CommitObserver&&) noexcept;
    CommitObserver& operator=(CommitObserver&&) noexcept;
    CommitObserver(const CommitObserver&) = delete;
    CommitObserver& operator=(const CommitObserver&) = delete;
    /// As `stop`.
    ~CommitObserver();

    /// The callback is not called any more. Waits for a call that is running, except inside of it.
    void stop() noexcept;

  private:
    friend class Database;
    explicit CommitObserver(std::shared_ptr<detail::Observed> observed) noexcept;
    std::shared_ptr<detail::Observed> observed_;
};

}  // namespace amphora

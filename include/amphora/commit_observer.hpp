#pragma once

#include <amphora/types.hpp>

#include <memory>
#include <string>
#include <vector>

namespace amphora {

namespace detail {
class ObservedSpaces;  // what one observer is told; engine/database
}

/// What has changed since the last call.
struct Committed {
    Commit commit;                   ///< the last one; a snapshot that is taken now shows it
    std::vector<std::string> names;  ///< of tables and collections, each once, sorted
};

/// For user interfaces: a callback of `Database::on_commit`, until this object is destroyed.
///
///   auto observer = db.on_commit({"users", "missions"}, [&](const amphora::Committed& changed) {
///       event_loop.post([&, changed] { window.show(db.snapshot(), changed.names); });
///   });
///
/// The callback is called when a commit is visible, which may be before it is durable, and while it
/// runs, further commits are collected: the next call is for all of them. Writers never wait for it.
/// It is called on one thread for all observers of a database, so it should return soon; what it
/// throws goes to the log. Only commits of this `Database` are seen, from the call of `on_commit` on.
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
    explicit CommitObserver(std::shared_ptr<detail::ObservedSpaces> observed) noexcept;
    std::shared_ptr<detail::ObservedSpaces> observed_;
};

}  // namespace amphora

#pragma once

#include "database/core.hpp"
#include "database/live/observer.hpp"

#include <amphora/options.hpp>
#include <amphora/schema.hpp>
#include <amphora/types.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace amphora::detail {

/// What `OpenMode::live` shows: an opening of the files of a database that another process may write.
///
/// A refresh moves it to the newest commit by reading what the journal has got since. Where that is not
/// possible, everything is opened anew, and the former opening lives as long as its snapshots. What
/// goes wrong because files change meanwhile is tried again, for `patience`.
///
/// Any thread.
class Observation {
  public:
    static constexpr std::chrono::milliseconds patience{5000};

    /// Throws what `Database::open` throws.
    Observation(std::string path, std::optional<std::span<const Schema>> schemas, Options options);

    [[nodiscard]] std::shared_ptr<Core> newest() const;
    /// Returns the commit that snapshots show from now on.
    Commit refresh();
    /// Closes the opening that is shown. Its snapshots then throw `transaction_closed`.
    void close();

  private:
    void open_anew();
    void try_patiently(const std::function<void()>& attempt);

    const std::string path_;
    const std::optional<std::vector<Schema>> schemas_;
    const Options options_;
    std::mutex moving_;  ///< held by the one that refreshes
    mutable std::mutex mutex_;
    std::shared_ptr<Core> newest_;
};

}  // namespace amphora::detail

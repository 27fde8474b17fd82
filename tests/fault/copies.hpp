#pragma once

#include "workload/model.hpp"
#include "workload/workload.hpp"

#include <amphora/database.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace amphora::fault {

/// A backup of a database, its archive, and the databases restored from both, all next to it.
class Copies {
  public:
    Copies(const std::string& database, const workload::Workload& workload);

    [[nodiscard]] const std::string& archive() const noexcept { return archive_; }
    /// Makes the backup, unless it was made. Throws a refusal.
    void back_up(const Database& database, const std::vector<workload::Model>& models);
    /// Restores, after the database is closed, unless that was done. Throws a refusal, and
    /// `Disagreement` unless the result has at least what was stored when the backup began, and at
    /// most `models`, and a named reader continues there.
    void restore(const std::vector<workload::Model>& models);

  private:
    const workload::Workload& workload_;
    std::string archive_, backup_, restored_;
    /// For each thread. An earlier process may have made the backup, so it may be more.
    std::vector<std::uint64_t> backed_up_;
};

}  // namespace amphora::fault

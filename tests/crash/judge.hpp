#pragma once

#include "crash/promises.hpp"
#include "crash/restore_wish.hpp"
#include "workload/model.hpp"
#include "workload/workload.hpp"

#include <amphora/database.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace amphora::crash {

/// Looks what is left of a database whose victims were stopped: per thread the contents must be the
/// fold of its first k transactions, in both stores and through every index, where the promises
/// say what k can be.
class Judge {
  public:
    explicit Judge(std::uint64_t workload_seed);

    /// Tells the promises what is there, and gives everything in which the database differs from
    /// the fold of that, what `Database::check` finds included.
    [[nodiscard]] std::vector<std::string> look(Database& database, Promises& promises);
    /// The same for a database that was restored from a copy in that way, before the database
    /// itself is looked at: it holds exactly what was there as of its last commit.
    [[nodiscard]] std::vector<std::string> look_at_restored(const Database& restored,
                                                            const CopyPromise& copy,
                                                            const RestoreWish& wish,
                                                            Promises& promises) const;
    /// Of a database of which nothing more is known: it is the fold of what is there.
    [[nodiscard]] std::vector<std::string> look_at_fold(const Database& database) const;
    /// What was there at the last look.
    [[nodiscard]] const std::vector<workload::Model>& models() const { return models_; }

  private:
    void fold_to(workload::Model& model, std::uint64_t there) const;

    workload::Workload workload_;
    std::vector<workload::Model> models_;  ///< by thread
};

}  // namespace amphora::crash

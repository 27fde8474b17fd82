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

/// Judges a database whose victims were stopped: for each thread the contents must be the fold of
/// its first k transactions, in both stores and through every index, where the promises limit k.
class Judge {
  public:
    explicit Judge(std::uint64_t workload_seed);

    /// Tells the promises what is stored, and returns every difference between the database and the
    /// fold of that, with the findings of `Database::check`.
    [[nodiscard]] std::vector<std::string> look(Database& database, Promises& promises);
    /// The same for a database that was restored from a copy in that way, before the database
    /// itself is judged: it holds exactly the state of its last commit. Its consumers continue where
    /// they were then, and have handled every change once when they have caught up.
    [[nodiscard]] std::vector<std::string> look_at_restored(Database& restored,
                                                            const CopyPromise& copy,
                                                            const RestoreWish& wish,
                                                            Promises& promises) const;
    /// For a database about which nothing more is known: it must be the fold of what it holds.
    [[nodiscard]] std::vector<std::string> look_at_fold(const Database& database) const;
    /// The contents at the last judgement.
    [[nodiscard]] const std::vector<workload::Model>& models() const { return models_; }

  private:
    void fold_to(workload::Model& model, std::uint64_t there) const;

    workload::Workload workload_;
    std::vector<workload::Model> models_;  ///< by thread
};

}  // namespace amphora::crash

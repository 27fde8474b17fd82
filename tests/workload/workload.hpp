#pragma once

#include "workload/model.hpp"

#include <amphora/database.hpp>

#include <cstdint>

/// What threads do to a database in the runs that try to break it.
///
/// Each transaction is a function of (seed, thread, n) and of the thread's own model after n. So
/// the number of transactions of a thread tells what must be stored:
///
///   workload::Model model{thread};
///   workload.fold(model, n);                              // without a database
///   workload.commit_next(db, model, Durability::synced);  // transaction n, in both
///   workload::compare(db.snapshot(), model);
namespace amphora::workload {

class Workload {
  public:
    explicit Workload(std::uint64_t seed) : seed_{seed} {}

    /// Transaction `model.done`: changes the model, and the transaction in the same way if there is
    /// one. Throws Disagreement if the database returns something else; the model must not be used
    /// after that.
    void apply(Model& model, Transaction* transaction) const;
    void fold(Model& model) const { apply(model, nullptr); }
    /// Up to `done`.
    void fold(Model& model, std::uint64_t done) const {
        while (model.done < done) fold(model);
    }

    /// Commits transaction `model.done`. Before some of them it does something else and abandons
    /// it, by throwing, rolling back or dropping it, or has the database remove what has expired.
    /// Tries again if the outbox is full. If it throws, the model is unchanged.
    Commit commit_next(Database& database, Model& model, Durability durability) const;

  private:
    void abandon(Database& database, const Model& model) const;
    void expire(Database& database, const Model& model) const;
    void operate(Model& model, Transaction* transaction, std::uint64_t attempt) const;

    std::uint64_t seed_;
};

}  // namespace amphora::workload

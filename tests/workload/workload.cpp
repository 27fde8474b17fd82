#include "workload/workload.hpp"

#include "workload/operations.hpp"
#include "workload/schema.hpp"

#include <chrono>

namespace amphora::workload {
namespace {

constexpr std::uint64_t to_be_committed = 0;
constexpr std::uint64_t to_be_abandoned = 1;

/// Thrown for an application's own reason to give up.
struct ChangedMind {};

bool is_backlog(ErrorCode code) {
    return code == ErrorCode::outbox_full || code == ErrorCode::documents_stalled ||
           code == ErrorCode::feed_full;
}

/// Runs `body` until neither the outbox nor what is kept for consumers is full; a minute of that is a
/// hang.
template <class Body>
auto persistently(Body&& body) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes{1};
    for (;;) {
        try {
            return body();
        } catch (const Error& error) {
            if (!is_backlog(error.code()) || std::chrono::steady_clock::now() > until) throw;
        }
    }
}

}  // namespace

void Workload::operate(Model& model, Transaction* transaction, std::uint64_t attempt) const {
    Dice dice{seed_, model.thread, model.done, attempt};
    Step step{.dice = dice, .model = model, .transaction = transaction};
    for (std::uint64_t left = dice.between(1, 4); left > 0; --left) {
        choose_operation(dice).run(step);
    }
}

void Workload::apply(Model& model, Transaction* transaction) const {
    operate(model, transaction, to_be_committed);

    // A quarter writes its number only into the rows, a quarter only into the documents: commits
    // that change one tree must keep their order with their neighbours, too.
    Dice dice{seed_, model.thread, model.done, 99};
    const std::uint64_t where = dice.below(4);
    ++model.done;
    const auto done = static_cast<std::int64_t>(model.done);
    if (where != 0) {
        model.done_in_rows = model.done;
        if (transaction != nullptr) {
            transaction->put(progress, Record{{"thread", model.thread}, {"done", done}});
        }
    }
    if (where != 1) {
        model.done_in_documents = model.done;
        if (transaction != nullptr) {
            transaction->put(marks, {{"_id", std::int64_t{model.thread}}, {"done", done}});
        }
    }
}

void Workload::abandon(Database& database, const Model& model) const {
    Dice dice{seed_, model.thread, model.done, 98};
    if (!dice.once_in(8)) return;
    const std::uint64_t how = dice.below(3);
    persistently([&] {
        Model scratch = model;
        if (how == 0) {
            try {
                database.write([&](Transaction& transaction) {
                    operate(scratch, &transaction, to_be_abandoned);
                    throw ChangedMind{};
                });
            } catch (const ChangedMind&) {
            }
            return;
        }
        Transaction transaction = database.begin();
        operate(scratch, &transaction, to_be_abandoned);
        if (how == 1) transaction.rollback();
    });
}

void Workload::expire(Database& database, const Model& model) const {
    if (!Dice{seed_, model.thread, model.done, 97}.once_in(50)) return;
    persistently([&] { database.expire_now(); });
}

Commit Workload::commit_next(Database& database, Model& model, Durability durability) const {
    abandon(database, model);
    expire(database, model);
    return persistently([&] {
        Model next = model;
        const Commit commit =
            database.write([&](Transaction& transaction) { apply(next, &transaction); },
                           {.durability = durability});
        model = std::move(next);
        return commit;
    });
}

}  // namespace amphora::workload

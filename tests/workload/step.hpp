#pragma once

#include "workload/dice.hpp"
#include "workload/model.hpp"

#include <amphora/transaction.hpp>

#include <map>
#include <stdexcept>
#include <string>

namespace amphora::workload {

/// The database did something else than the model says.
struct Disagreement : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What an operation uses: its dice, the model that it must change, and the transaction that it
/// must change in the same way; without a transaction only the model is changed.
struct Step {
    Dice& dice;
    Model& model;
    Transaction* transaction;
    std::uint64_t large_values_left = 1;  ///< of 100 KB; a commit has its bound
    int depth = 0;                        ///< of savepoints that hold it

    [[nodiscard]] std::int64_t next_id() { return model.next_id++; }
    /// Text that only this thread uses.
    [[nodiscard]] std::string own(const char* word, std::int64_t number) const;
    [[nodiscard]] std::string tag(std::uint64_t number) const {
        return own("tag", static_cast<std::int64_t>(number));
    }

    /// One of them, or the end if there is none.
    template <class Value>
    auto some(std::map<std::int64_t, Value>& all) {
        if (all.empty()) return all.end();
        auto chosen = all.begin();
        std::advance(chosen, static_cast<std::ptrdiff_t>(dice.below(all.size())));
        return chosen;
    }

    /// Throws Disagreement.
    void require(bool agrees, const std::string& what) const;

    /// The statement must be refused with that code and change nothing: its changes are not in the
    /// model.
    template <class Call>
    void refused(ErrorCode code, const std::string& what, Call&& statement) const {
        if (transaction == nullptr) return;
        try {
            statement(*transaction);
        } catch (const Error& error) {
            // Any other error is thrown on: a full outbox to be tried again, the rest to be
            // reported.
            if (error.code() == code) return;
            throw;
        }
        require(false, what + " was not refused");
    }
};

}  // namespace amphora::workload

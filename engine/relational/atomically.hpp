#pragma once

#include "transaction/reading.hpp"

namespace amphora::relational {

/// Runs one statement: what it wrote goes again if it throws.
template <class Body>
auto atomically(transaction::Writing& writing, Body body) {
    transaction::Statement statement{writing};
#ifdef AMPHORA_MUTANT_STATEMENT_KEEPS_TRACE
    statement.succeed();
#endif
    auto result = body();
    statement.succeed();
    return result;
}

}  // namespace amphora::relational

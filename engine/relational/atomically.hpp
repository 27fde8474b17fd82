#pragma once

#include "transaction/reading.hpp"

namespace amphora::relational {

/// Runs one statement. If it throws, its writes are undone.
template <class Body>
auto atomically(transaction::Writing& writing, Body body) {
    transaction::Statement statement{writing};
    auto result = body();
    statement.succeed();
    return result;
}

}  // namespace amphora::relational

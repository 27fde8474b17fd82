#pragma once

#include "codec/bson/order.hpp"
#include "document/query/document_scan.hpp"
#include "document/statement.hpp"

#include <amphora/document.hpp>

#include <string>
#include <vector>

/// Recorded cases of MongoDB's behaviour: documents, a command, and what it answered.
namespace amphora::document {

/// What became of one case.
struct Outcome {
    enum class Kind { passed, failed, left_out };
    Kind kind = Kind::passed;
    std::string why;
};

/// Runs the steps of one case on a collection of its own and judges what is expected.
Outcome run_case(DocumentView test);

/// Whether two values are the same for a case: BSON type and sign of zero count, the order of
/// fields does not.
bool is_same(BsonView expected, BsonView actual);

}  // namespace amphora::document

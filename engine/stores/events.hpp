#pragma once

#include "transaction/reading.hpp"

#include <amphora/document.hpp>

#include <string_view>

/// Events of a transaction.
namespace amphora::stores {

/// Adds the event {topic, payload} to the commit: it happens if and only if the commit does.
/// `amphora::now` in the payload becomes the moment of the transaction. Throws `invalid_argument`
/// for an empty topic, `value_too_large` where topic and payload together are no document, and
/// `transaction_too_large`.
void publish(transaction::Writing& writing, std::string_view topic, const Document& payload);

}  // namespace amphora::stores

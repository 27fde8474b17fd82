#include "database/reader_state.hpp"

#include <amphora/error.hpp>

namespace amphora::detail {

void ReaderState::refuse() const {
    if (reading_ == nullptr) {
        throw Error{ErrorCode::transaction_closed, "the transaction has ended; begin another one"};
    }
    throw Error{ErrorCode::transaction_closed, core_->path + " was closed; open it again"};
}

}  // namespace amphora::detail

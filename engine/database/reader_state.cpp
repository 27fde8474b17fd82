#include "database/reader_state.hpp"

#include <amphora/error.hpp>

#include <new>

namespace amphora::detail {

void ReaderState::refuse() const {
    if (reading_ == nullptr) {
        throw Error{ErrorCode::transaction_closed, "the transaction has ended; begin another one"};
    }
    throw Error{ErrorCode::transaction_closed, core_->path + " was closed; open it again"};
}

/// In a forked child nothing is let go of: locks may be held by threads that are not there, and
/// what is read from is the parent's.
void ReaderState::leave_to_parent() noexcept {
    static_cast<void>(writing_.release());
    static_cast<void>(new (std::nothrow)
                          std::shared_ptr<const transaction::Reading>{std::move(snapshot_)});
}

}  // namespace amphora::detail

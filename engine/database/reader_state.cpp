#include "database/reader_state.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <new>

namespace amphora::detail {

void refuse_second_walk(const char* what) {
    throw Error{ErrorCode::invalid_argument,
                fmt::format("this range of {} is walked a second time, and it can be walked once; "
                            "find or scan again, or keep what it gives",
                            what)};
}

void ReaderState::refuse() const {
    if (reading_ == nullptr) {
        throw Error{ErrorCode::transaction_closed, "the transaction has ended; begin another one"};
    }
    throw Error{ErrorCode::transaction_closed, core_->path + " was closed; open it again"};
}

void ReaderState::refuse_second_thread() {
    throw Error{ErrorCode::invalid_argument,
                "two threads use one transaction at the same time; begin one for each thread, or "
                "hand it over between two calls"};
}

void ReaderState::refuse_handler() {
    throw Error{ErrorCode::invalid_argument,
                "the handler of a consumer may not end its transaction, which the consumer commits "
                "together with its position; throw to undo what the handler did"};
}

/// In a forked child nothing is destroyed: threads that are not there may hold locks, and the
/// memory that is read belongs to the parent.
void ReaderState::leave_to_parent() noexcept {
    static_cast<void>(writing_.release());
    static_cast<void>(new (std::nothrow)
                          std::shared_ptr<const transaction::Reading>{std::move(snapshot_)});
}

}  // namespace amphora::detail

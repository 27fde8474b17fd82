#pragma once

#include "database/reader_state.hpp"
#include "document/query/document_scan.hpp"

#include <amphora/document.hpp>

#include <memory>
#include <string>
#include <utility>

namespace amphora::detail {

/// A find over a collection that is being walked.
class DocumentCursor {
  public:
    DocumentCursor(std::shared_ptr<ReaderState> state, document::DocumentScan found)
        : state_{std::move(state)}, found_{std::move(found)} {}

    /// Moves to the first document. Throws `invalid_argument` the second time.
    void begin() {
        if (begun_) refuse_second_walk("documents");
        begun_ = true;
        next();
    }
    void next() {
        const ReaderState::Stay stay{*state_};
        state_->require_open();
        valid_ = found_.next();
    }
    [[nodiscard]] bool valid() const noexcept { return valid_; }
    [[nodiscard]] DocumentView document() const { return found_.document(); }
    [[nodiscard]] std::string explain() const { return found_.explain(); }

  private:
    std::shared_ptr<ReaderState> state_;  // outlives the find
    document::DocumentScan found_;
    bool begun_ = false;
    bool valid_ = false;
};

}  // namespace amphora::detail

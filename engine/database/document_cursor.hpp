#pragma once

#include "database/reader_state.hpp"
#include "document/query/document_source.hpp"

#include <amphora/document.hpp>

#include <memory>
#include <string>
#include <utility>

namespace amphora::detail {

/// Documents that are being walked: those of a find, or of any other source.
class DocumentCursor {
  public:
    DocumentCursor(std::shared_ptr<ReaderState> state,
                   std::unique_ptr<document::DocumentSource> source)
        : state_{std::move(state)}, source_{std::move(source)} {}

    /// Moves to the first document. Throws `invalid_argument` the second time.
    void begin() {
        if (begun_) refuse_second_walk("documents");
        begun_ = true;
        next();
    }
    void next() {
        const ReaderState::Stay stay{*state_};
        state_->require_open();
        valid_ = source_->next();
    }
    [[nodiscard]] bool valid() const noexcept { return valid_; }
    [[nodiscard]] DocumentView document() const { return source_->document(); }
    [[nodiscard]] std::string explain() const { return source_->explain(); }

  private:
    std::shared_ptr<ReaderState> state_;  // outlives the source
    std::unique_ptr<document::DocumentSource> source_;
    bool begun_ = false;
    bool valid_ = false;
};

}  // namespace amphora::detail

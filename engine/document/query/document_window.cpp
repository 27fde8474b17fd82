#include "document/query/document_window.hpp"

#include <utility>

namespace amphora::document {

DocumentWindow::DocumentWindow(std::unique_ptr<DocumentSource> source,
                               const FindOptions& options) noexcept
    : source_{std::move(source)}, to_skip_{options.skip}, left_{options.limit} {}

bool DocumentWindow::next() {
    if (left_ == 0) return false;
    for (; to_skip_ > 0; --to_skip_) {
        if (!source_->next()) return false;
    }
    if (!source_->next()) return false;
    --left_;
    return true;
}

}  // namespace amphora::document

#pragma once

#include "document/query/document_source.hpp"

#include <amphora/query.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace amphora::document {

/// A part of the documents of a source: without the first `skip`, and not more than `limit`.
class DocumentWindow final : public DocumentSource {
  public:
    /// Takes `skip` and `limit` of the options. Their direction is the source's.
    DocumentWindow(std::unique_ptr<DocumentSource> source, const FindOptions& options) noexcept;

    /// Asks the source for no document after the last one of the window.
    [[nodiscard]] bool next() override;
    [[nodiscard]] DocumentView document() const override { return source_->document(); }
    [[nodiscard]] std::string explain() const override { return source_->explain(); }

  private:
    std::unique_ptr<DocumentSource> source_;
    std::size_t to_skip_;
    std::size_t left_;
};

}  // namespace amphora::document

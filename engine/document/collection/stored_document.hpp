#pragma once

#include <amphora/document.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace amphora::document {

/// A stored document. If it was just walked, also the values of its declared fields, so that keys
/// and references need no further walk.
class StoredDocument {
  public:
    /// Fields are looked up when they are needed.
    StoredDocument(DocumentView view) noexcept : view_{view} {}  // NOLINT(*-explicit-*)
    /// `declared` has a value for each declared field of the collection, null for a missing one.
    StoredDocument(DocumentView view, std::span<const BsonView> declared) noexcept
        : view_{view}, declared_{declared} {}

    [[nodiscard]] DocumentView view() const noexcept { return view_; }
    /// The declared field at `place`, which has that name; null if the document lacks it.
    [[nodiscard]] BsonView declared(std::size_t place, std::string_view name) const {
        if (declared_.empty()) return view_.field(name).value_or(BsonView{});
        return declared_[place];
    }

  private:
    DocumentView view_;
    std::span<const BsonView> declared_;
};

}  // namespace amphora::document

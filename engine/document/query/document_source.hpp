#pragma once

#include <amphora/document.hpp>

#include <string>

namespace amphora::document {

/// Produces documents, one at a time. Whatever walks documents takes them from here: it does not
/// matter whether they are stored, as those of a find, or made while they are walked.
///
///   while (source.next()) use(source.document());
///
/// What a source reads from must outlive it. Used by one thread at a time.
class DocumentSource {
  public:
    virtual ~DocumentSource() = default;
    /// Moves to the next document; false if there is none. After the end, every further call
    /// returns false, too.
    [[nodiscard]] virtual bool next() = 0;
    /// The document of the last `next()`, which returned true. Valid until the next `next()`.
    [[nodiscard]] virtual DocumentView document() const = 0;
    /// Where the documents come from, for people: "activity_logs: index activity_by_user, user_id =
    /// 7".
    [[nodiscard]] virtual std::string explain() const = 0;

  protected:
    DocumentSource() = default;
    DocumentSource(const DocumentSource&) = default;
    DocumentSource& operator=(const DocumentSource&) = default;
};

}  // namespace amphora::document

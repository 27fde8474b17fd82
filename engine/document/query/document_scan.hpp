#pragma once

#include "document/collection/collections.hpp"
#include "document/query/document_source.hpp"
#include "document/query/filter.hpp"
#include "transaction/reading.hpp"

#include <amphora/document.hpp>
#include <amphora/query.hpp>

#include <memory>
#include <optional>
#include <string>

/// Finding documents. Nothing here changes anything. Absence is not an error.
namespace amphora::document {

/// The document with that _id: in memory that is valid while `reading` lives (in a transaction,
/// until that document is written again), or in `scratch`.
[[nodiscard]] std::optional<DocumentView> find(const transaction::Reading& reading,
                                               const BoundCollection& collection, BsonView id,
                                               Buffer& scratch);

/// The documents of a find, one at a time, each once, in the order of the index that is walked or
/// of the _id:
///
///   auto found = find(reading, collection, Filter{...});
///   while (found.next()) use(found.document());
///
/// Values of more than about 230 bytes that begin alike are in no defined order among each other
/// (see collections.hpp). In a transaction it sees the writes from before the find was made. Its
/// Reading and its BoundCollection must outlive it. Used by one thread at a time.
class DocumentScan final : public DocumentSource {
  public:
    DocumentScan(DocumentScan&&) noexcept;
    DocumentScan& operator=(DocumentScan&&) noexcept;
    ~DocumentScan() override;

    [[nodiscard]] bool next() override;
    [[nodiscard]] DocumentView document() const override;
    /// The document's key in the tree. Valid until the next `next()`.
    [[nodiscard]] Bytes key() const;
    /// The plan, for people: "activity_logs: index activity_by_user, user_id = 7, at >= ...; filter
    /// on the document".
    [[nodiscard]] std::string explain() const override;

  private:
    class Walk;
    friend DocumentScan find(const transaction::Reading&, const BoundCollection&, Filter,
                             Direction);
    explicit DocumentScan(std::unique_ptr<Walk> walk) noexcept;
    std::unique_ptr<Walk> walk_;
};

/// All documents that the filter selects. `DocumentWindow` shows a part of them.
[[nodiscard]] DocumentScan find(const transaction::Reading& reading,
                                const BoundCollection& collection, Filter filter,
                                Direction direction = Direction::forward);

}  // namespace amphora::document

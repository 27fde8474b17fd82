#pragma once

#include "document/collections.hpp"
#include "document/filter.hpp"
#include "transaction/reading.hpp"

#include <amphora/document.hpp>
#include <amphora/query.hpp>

#include <memory>
#include <optional>
#include <string>

/// What finds documents. Nothing here changes anything, and absence is no error.
namespace amphora::document {

/// The document with that _id: memory that lives as long as `reading` (in a transaction, until that
/// document is next written), or `scratch`.
[[nodiscard]] std::optional<DocumentView> find(const transaction::Reading& reading,
                                               const BoundCollection& collection, BsonView id,
                                               Buffer& scratch);

/// The documents of a find, one at a time, each once, in the order of the index that is used or of
/// the _id:
///
///   auto found = find(reading, collection, Filter{...});
///   while (found.next()) use(found.document());
///
/// Values of more than some 230 bytes that begin alike are in no particular order among each other
/// (see collections.hpp). Sees a transaction's writes as they were when the find was made. Needs
/// its Reading and its BoundCollection alive. Used by one thread at a time.
class Found {
  public:
    Found(Found&&) noexcept;
    Found& operator=(Found&&) noexcept;
    ~Found();

    /// To the next document; false: there is none.
    [[nodiscard]] bool next();
    /// Valid until the next `next()`.
    [[nodiscard]] DocumentView document() const;
    /// The document's key in the tree. Valid until the next `next()`.
    [[nodiscard]] Bytes key() const;
    /// How the find goes about it: "activity_logs: index activity_by_user, user_id = 7, at >= ...;
    /// filter on the document".
    [[nodiscard]] std::string explain() const;

  private:
    class Walk;
    friend Found find(const transaction::Reading&, const BoundCollection&, Filter,
                      const FindOptions&);
    explicit Found(std::unique_ptr<Walk> walk) noexcept;
    std::unique_ptr<Walk> walk_;
};

[[nodiscard]] Found find(const transaction::Reading& reading, const BoundCollection& collection,
                         Filter filter, const FindOptions& options = {});

}  // namespace amphora::document

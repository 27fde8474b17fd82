#pragma once

#include "catalog/definition/catalog.hpp"
#include "events/feed.hpp"
#include "journal/archive/archived_chain.hpp"
#include "stores/bound_schema.hpp"

#include <memory>
#include <string>

namespace amphora::detail {

/// The commits of one timeline in an archive, and the schema as of the last one. Immutable; any
/// thread.
class ArchiveState {
  public:
    /// Throws as `Archive`.
    ArchiveState(const std::string& directory, const std::string& timeline);

    [[nodiscard]] const journal::ArchivedChain& chain() const noexcept { return *chain_; }
    [[nodiscard]] const stores::BoundSchema& schema() const noexcept { return *schema_; }
    [[nodiscard]] events::FeedSource feed_source() const;

  private:
    std::shared_ptr<const journal::ArchivedChain> chain_;
    std::shared_ptr<const stores::BoundSchema> schema_;
};

}  // namespace amphora::detail

#pragma once

#include "catalog/evolution/stored_catalog.hpp"
#include "events/sources.hpp"
#include "outbox/record.hpp"
#include "stores/bound_schema.hpp"

#include <amphora/types.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

/// Which catalog was in force at which commit of a journal.
namespace amphora::events {

/// The versions of the catalog that a database or an archive keeps.
class CatalogVersions {
  public:
    virtual ~CatalogVersions() = default;
    /// The catalog as the commit `commit` left it; none: it is the newest one. The commit is one
    /// that the journal holds, or the one before these. Throws `corrupt`, `unsupported`,
    /// `newer_format`, `io_error`.
    [[nodiscard]] virtual std::optional<catalog::stored::Version> as_of(Sequence commit) = 0;
};

/// What a commit changes in the catalog, done to `version`. Returns whether it changed anything.
/// Throws `corrupt` for a definition that no version wrote.
bool take_changes(catalog::stored::Version& version, const outbox::Record& record);
/// Whether there is such a change.
[[nodiscard]] bool changes_catalog(const outbox::Record& record) noexcept;

/// The schema at the commit that is read, while a feed moves over the commits.
///
/// Sources that were given stay valid as long as this.
class SchemaHistory {
  public:
    SchemaHistory(std::shared_ptr<const stores::BoundSchema> newest,
                  std::unique_ptr<CatalogVersions> versions);

    /// The sources of the newest schema: all that there ever were, with all of their columns.
    [[nodiscard]] const Sources& newest() const noexcept { return newest_; }

    /// The next commit is not the one after the last.
    void forget_place() noexcept { is_placed_ = false; }
    /// The sources as the commit `sequence` leaves them, whose record this is. Throws as
    /// `CatalogVersions`, and then does so again for the same commit.
    [[nodiscard]] const Sources& at(Sequence sequence, const outbox::Record& record);

  private:
    [[nodiscard]] const Sources& sources_of(const catalog::stored::Version& version);

    const Sources newest_;
    const std::unique_ptr<CatalogVersions> versions_;
    std::map<std::uint64_t, Sources> past_;  ///< by the number of the version
    bool is_placed_ = false;
    const Sources* sources_ = &newest_;  ///< as of the last commit that was asked for
    /// The same as it is stored; none: the newest one.
    std::optional<catalog::stored::Version> version_;
};

}  // namespace amphora::events

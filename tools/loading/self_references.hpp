#pragma once

#include "base/bytes.hpp"
#include "catalog/definition/definition.hpp"

#include <amphora/cell.hpp>
#include <amphora/reader.hpp>
#include <amphora/schema.hpp>

#include <optional>
#include <span>
#include <vector>

namespace amphora::loading {

/// The foreign keys of a table that refer to the table itself, and the keys of its rows. Two keys
/// are the same bytes if and only if they are equal, also if a file writes them differently. (Very
/// long keys can have the same hash by chance: then a row is tried once more than necessary.)
class SelfReferences {
  public:
    /// `definition` must outlive this object.
    explicit SelfReferences(const catalog::Table& definition);

    [[nodiscard]] bool any() const noexcept { return !references_.empty(); }
    /// The key of a stored row.
    [[nodiscard]] Buffer key_of(const RowView& stored) const;
    /// The key of a row from the file; none if the key is generated.
    [[nodiscard]] std::optional<Buffer> key_of(std::span<const Cell> given) const;
    /// The keys of missing rows to which a row from the file refers. A row that refers to itself
    /// needs no other row for that.
    [[nodiscard]] std::vector<Buffer> missing_parents(const Reader& reader,
                                                      std::span<const Cell> given) const;

  private:
    [[nodiscard]] std::optional<Buffer> key_at(std::span<const std::uint32_t> places,
                                               std::span<const Cell> given) const;

    const catalog::Table& definition_;
    std::vector<const catalog::Reference*> references_;
};

}  // namespace amphora::loading

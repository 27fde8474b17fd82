#pragma once

#include "base/bytes.hpp"
#include "catalog/definition.hpp"

#include <amphora/cell.hpp>
#include <amphora/reader.hpp>
#include <amphora/schema.hpp>

#include <optional>
#include <span>
#include <vector>

namespace amphora::loading {

/// The foreign keys of a table that refer to the table itself, and the keys of its rows. Two keys
/// are the same bytes if and only if they are the same key, however a file spells them. (Very long
/// keys may be the same bytes by the chance of a hash: then a row is tried once more than it must.)
class SelfReferences {
  public:
    /// `definition` outlives this.
    explicit SelfReferences(const catalog::Table& definition);

    [[nodiscard]] bool any() const noexcept { return !references_.empty(); }
    /// Of a row as it is stored.
    [[nodiscard]] Buffer key_of(const RowView& stored) const;
    /// Of a row as it is given; none if its key is generated.
    [[nodiscard]] std::optional<Buffer> key_of(std::span<const Cell> given) const;
    /// The keys of the rows that a given row refers to and that are not there. A row that refers to
    /// itself needs no other.
    [[nodiscard]] std::vector<Buffer> missing_parents(const Reader& reader,
                                                      std::span<const Cell> given) const;

  private:
    [[nodiscard]] std::optional<Buffer> key_at(std::span<const std::uint32_t> places,
                                               std::span<const Cell> given) const;

    const catalog::Table& definition_;
    std::vector<const catalog::Reference*> references_;
};

}  // namespace amphora::loading

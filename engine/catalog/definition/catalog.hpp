#pragma once

#include "catalog/definition/definition.hpp"

#include <amphora/schema.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

/// One version of the schema in force: a definition whose spaces have numbers.
///
/// Invariant: every space in it is below `next_space()`, and each space has one owner.
namespace amphora::catalog {

/// A reference to a table. One of `table` and `collection` is set.
struct Child {
    const Table* table = nullptr;
    const Collection* collection = nullptr;
    const Reference* reference = nullptr;
};

/// Immutable; shared by threads. Pointers into it are valid while it lives.
class Catalog {
  public:
    /// `version` 0 and no tables: a database without a schema.
    Catalog();
    Catalog(Definition definition, std::uint64_t version, SpaceId next_space);
    Catalog(const Catalog&) = delete;
    Catalog& operator=(const Catalog&) = delete;

    [[nodiscard]] const Definition& definition() const noexcept { return *definition_; }
    [[nodiscard]] const std::shared_ptr<const Definition>& shared_definition() const noexcept {
        return definition_;
    }
    /// Counts the changes of the schema; that of a snapshot is `stored_version(reading)`.
    [[nodiscard]] std::uint64_t version() const noexcept { return version_; }
    /// The number of the next new space. Only grows.
    [[nodiscard]] SpaceId next_space() const noexcept { return next_space_; }

    /// Finds a table by a constant that has its hash: one probe and one comparison. Null if there
    /// is none.
    [[nodiscard]] const Table* find(const amphora::Table& table) const noexcept;
    [[nodiscard]] const Collection* find(const amphora::Collection& collection) const noexcept;

    /// Throws `no_such_table` with the existing names; those of system tables and collections only
    /// if the given name is such a name.
    [[nodiscard]] const Table& require(const amphora::Table& table) const;
    [[nodiscard]] const Collection& require(const amphora::Collection& collection) const;

    /// The position of a table or collection in `definition()`, from 0 without gaps, so what is
    /// bound to it can be kept in a vector.
    [[nodiscard]] std::size_t place_of(const Table& table) const noexcept {
        return static_cast<std::size_t>(&table - definition_->tables.data());
    }
    [[nodiscard]] std::size_t place_of(const Collection& collection) const noexcept {
        return static_cast<std::size_t>(&collection - definition_->collections.data());
    }

    /// The references to `table`, from tables and collections.
    [[nodiscard]] std::span<const Child> children(const Table& table) const noexcept;

  private:
    struct Slot {
        std::uint64_t hash = 0;
        const Table* table = nullptr;
        const Collection* collection = nullptr;
    };
    [[nodiscard]] const Slot* find_slot(std::uint64_t hash, std::string_view name) const noexcept;
    [[noreturn]] void refuse(std::string_view kind, std::string_view name) const;

    std::shared_ptr<const Definition> definition_;
    std::uint64_t version_ = 0;
    SpaceId next_space_ = space_first_free;
    std::vector<Slot> slots_;  ///< open addressing; a power of two, at most half full
    std::vector<std::vector<Child>> children_;  ///< by the table's position
};

}  // namespace amphora::catalog

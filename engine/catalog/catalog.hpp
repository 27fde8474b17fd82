#pragma once

#include "catalog/definition.hpp"

#include <amphora/schema.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

/// One version of the schema as it is in force: a definition whose spaces have their numbers.
///
/// Invariant: every space in it is below `next_space()`, and no two things share one.
namespace amphora::catalog {

/// Who refers to a table. One of `table` and `collection` is set.
struct Child {
    const Table* table = nullptr;
    const Collection* collection = nullptr;
    const Reference* reference = nullptr;
};

/// Immutable; shared by threads, and kept alive by whoever keeps pointers into it.
class Catalog {
  public:
    /// `version` 0 and no tables: a database in which nothing has been declared.
    Catalog();
    Catalog(Definition definition, std::uint64_t version, SpaceId next_space);
    Catalog(const Catalog&) = delete;
    Catalog& operator=(const Catalog&) = delete;

    [[nodiscard]] const Definition& definition() const noexcept { return *definition_; }
    [[nodiscard]] const std::shared_ptr<const Definition>& shared_definition() const noexcept {
        return definition_;
    }
    /// Counts the changes of the schema; a snapshot's is `stored_version(reading)`.
    [[nodiscard]] std::uint64_t version() const noexcept { return version_; }
    /// The number that the next new space gets. Only grows.
    [[nodiscard]] SpaceId next_space() const noexcept { return next_space_; }

    /// By a constant that has its hash already: one probe and one comparison. Null: there is none.
    [[nodiscard]] const Table* find(const amphora::Table& table) const noexcept;
    [[nodiscard]] const Collection* find(const amphora::Collection& collection) const noexcept;

    /// Throws `no_such_table` with the names that there are.
    [[nodiscard]] const Table& require(const amphora::Table& table) const;
    [[nodiscard]] const Collection& require(const amphora::Collection& collection) const;

    /// The place of a table or collection in `definition()`, dense from 0: what is bound to it can
    /// be kept in a vector.
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
    std::vector<std::vector<Child>> children_;  ///< by place of the table
};

}  // namespace amphora::catalog

#pragma once

#include "catalog/definition/child_store.hpp"
#include "catalog/definition/definition.hpp"
#include "codec/row.hpp"

#include <amphora/cell.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// Tables, indexes and constraints over the relational tree:
///
///   row           space of the table | primary key                        → all columns
///   unique index  space of the index | columns                            → primary key
///                 space of the index | columns, one NULL | primary key    → primary key
///   other index   space of the index | columns | primary key              → nothing
///   any index     space of the index | prefix and hash of long columns | primary key
///                                                                         → 01, primary key
///   counter       space of the counter                                    → AUTO_INCREMENT's last
namespace amphora::relational {

class BoundTable;
class Conversion;

/// An index, with what a scan or a statement needs of it.
struct BoundIndex {
    const catalog::Index* definition = nullptr;  ///< null: the primary key itself
    std::span<const std::uint32_t> columns;      ///< positions in the table
    SpaceId space{};
    bool unique = false;
};

/// A foreign key of this table.
struct Parent {
    const catalog::Reference* reference = nullptr;
    const BoundTable* table = nullptr;
};

/// A foreign key of another table that refers to this one.
struct Child {
    const catalog::Reference* reference = nullptr;
    const BoundTable* table = nullptr;
    const BoundIndex* index = nullptr;  ///< of the child; its first columns are the reference's
    [[nodiscard]] bool cascades() const noexcept {
        return reference->on_delete == catalog::OnDelete::cascade;
    }
};

/// What a statement does about a column for which no value is given.
struct ColumnRule {
    enum class Absent : std::uint8_t { null, value, now, next_number };
    Absent absent = Absent::null;
    Cell value;  ///< Absent::value: of the column's kind; points into the definition
    bool not_null = false;
    bool now_on_update = false;
};

/// A table in one version of the catalog, with its references resolved to tables. Owned by
/// `Tables`.
class BoundTable {
  public:
    BoundTable(const catalog::Table& definition, const catalog::ChildStore* collections);
    ~BoundTable();
    BoundTable(const BoundTable&) = delete;
    BoundTable& operator=(const BoundTable&) = delete;

    [[nodiscard]] const catalog::Table& definition() const noexcept { return *definition_; }
    [[nodiscard]] std::string_view name() const noexcept { return definition_->name; }
    [[nodiscard]] std::size_t column_count() const noexcept { return definition_->columns.size(); }
    [[nodiscard]] const BoundIndex& primary() const noexcept { return primary_; }
    [[nodiscard]] std::span<const BoundIndex> indexes() const noexcept { return indexes_; }
    [[nodiscard]] std::span<const Parent> parents() const noexcept { return parents_; }
    [[nodiscard]] std::span<const Child> children() const noexcept { return children_; }
    [[nodiscard]] const codec::RowLayout& layout() const noexcept { return layout_; }
    [[nodiscard]] const ColumnRule& rule(std::uint32_t column) const noexcept {
        return rules_[column];
    }
    /// The AUTO_INCREMENT column, if there is one.
    [[nodiscard]] std::optional<std::uint32_t> numbered_column() const noexcept {
        return numbered_column_;
    }
    /// Asked before a row is erased; null if no collection refers to this table.
    [[nodiscard]] const catalog::ChildStore* collections() const noexcept { return collections_; }

    /// The position of a column. Throws `no_such_column`.
    [[nodiscard]] std::uint32_t require_column(std::string_view column) const;
    /// Throws `no_such_index`. "PRIMARY" names the primary key.
    [[nodiscard]] const BoundIndex& require_index(std::string_view index) const;

  private:
    friend class Tables;

    const catalog::Table* definition_;
    const catalog::ChildStore* collections_;
    codec::RowLayout layout_;
    std::unique_ptr<Conversion> conversion_;  // holds decoded defaults
    std::vector<ColumnRule> rules_;
    std::optional<std::uint32_t> numbered_column_;
    BoundIndex primary_;
    std::vector<BoundIndex> indexes_;
    std::vector<Parent> parents_;
    std::vector<Child> children_;
};

/// All tables of one version of the catalog. Immutable, shared by threads. A BoundTable, a row or a
/// scan is valid only while its Tables lives.
class Tables {
  public:
    /// `collections` is asked about collections of the definition that refer to a table; it may be
    /// null only if none does.
    [[nodiscard]] static std::shared_ptr<const Tables> bind(
        std::shared_ptr<const catalog::Definition> definition,
        std::shared_ptr<const catalog::ChildStore> collections = nullptr);

    [[nodiscard]] const catalog::Definition& definition() const noexcept { return *definition_; }
    [[nodiscard]] const BoundTable* find(std::string_view table) const noexcept;
    /// Throws `no_such_table`.
    [[nodiscard]] const BoundTable& require(std::string_view table) const;
    [[nodiscard]] std::span<const std::unique_ptr<BoundTable>> all() const noexcept {
        return tables_;
    }

  private:
    Tables() = default;

    std::shared_ptr<const catalog::Definition> definition_;
    std::shared_ptr<const catalog::ChildStore> collections_;
    std::vector<std::unique_ptr<BoundTable>> tables_;
};

/// For messages: "(user_id 4, mission_id 7)", one cell for each position.
[[nodiscard]] std::string describe(const BoundTable& table, std::span<const std::uint32_t> places,
                                   std::span<const Cell> cells);

}  // namespace amphora::relational

#pragma once

#include "catalog/definition/child_store.hpp"
#include "catalog/definition/definition.hpp"
#include "catalog/definition/parent_store.hpp"
#include "document/collection/field_path.hpp"

#include <amphora/document.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Collections, their indexes and constraints over the document tree:
///
///   document      space of the collection | _id           → BSON
///   unique index  space of the index | fields             → _id (encoded as in keys)
///   other index   space of the index | fields | _id       → nothing
///   long fields   space of the index | limited | _id      → _id, also if unique
///   array mark    space of the index                      → fields that met an array, 4 bytes
///
/// A missing field is indexed as null. So two documents without the field conflict in a unique
/// index, as in MongoDB (and unlike in a table). A path that leads into an array has an entry for
/// each element.
///
/// The document tree would take keys of any length, but then a text of megabytes in an indexed
/// field would be in every block of its index. So both parts of an entry (space and fields before
/// the _id; space and _id of the document) are limited to `part_bytes_max`, see
/// codec/key/ordered_key.hpp. Together they fit the stricter limit of the other tree, too. A limited
/// part is never trusted: the document itself is compared, because the hash does not resist someone
/// who searches for collisions.
namespace amphora::document {

inline constexpr std::size_t part_bytes_max = 255;

/// An index with its paths parsed.
struct BoundIndex {
    const catalog::Index* definition = nullptr;
    std::vector<FieldPath> paths;
    std::vector<std::size_t> fields;  ///< the declared field that is paths[i], or `no_field`
    static constexpr std::size_t no_field = SIZE_MAX;
    /// Bit i: paths[i] begins with a declared field whose type can hold no array or document.
    std::uint32_t scalar_paths = 0;
    [[nodiscard]] SpaceId space() const noexcept { return definition->space; }
    [[nodiscard]] bool unique() const noexcept { return definition->unique; }
};

/// A declared field, with its DEFAULT as documents store it.
struct BoundField {
    const catalog::Column* column = nullptr;
    std::optional<BsonValue> default_value;  ///< none: there is no DEFAULT, or it is NOW()
    [[nodiscard]] bool now_by_default() const noexcept {
        return std::holds_alternative<catalog::Now>(column->default_value);
    }
};

/// A REFERENCES of this collection, resolved.
struct BoundReference {
    const catalog::Reference* definition = nullptr;
    const catalog::Table* parent = nullptr;
    /// Positions of the declared fields, in the order of the parent's key.
    std::vector<std::uint32_t> fields;
    const BoundIndex* index = nullptr;  ///< of this collection; its first paths are `fields`
};

/// A collection in one version of the catalog. Owned by `Collections`.
class BoundCollection {
  public:
    /// Throws `unsupported` for a definition that the document store cannot enforce.
    BoundCollection(const catalog::Definition& all, const catalog::Collection& definition,
                    const catalog::ParentStore* rows);
    BoundCollection(const BoundCollection&) = delete;
    BoundCollection& operator=(const BoundCollection&) = delete;

    [[nodiscard]] const catalog::Collection& definition() const noexcept { return *definition_; }
    [[nodiscard]] std::string_view name() const noexcept { return definition_->name; }
    [[nodiscard]] SpaceId space() const noexcept { return definition_->space; }
    [[nodiscard]] std::span<const BoundIndex> indexes() const noexcept { return indexes_; }
    [[nodiscard]] std::span<const BoundReference> references() const noexcept {
        return references_;
    }
    /// Asked before a reference is stored; null if there are no references.
    [[nodiscard]] const catalog::ParentStore* rows() const noexcept { return rows_; }
    [[nodiscard]] std::span<const BoundField> fields() const noexcept { return fields_; }
    /// The position of the declared field with exactly this name; `fields().size()` if there is
    /// none.
    [[nodiscard]] std::size_t field_place(std::string_view name) const noexcept;
    /// Throws `no_such_index`.
    [[nodiscard]] const BoundIndex& require_index(std::string_view index) const;

  private:
    const catalog::Collection* definition_;
    const catalog::ParentStore* rows_;
    std::vector<BoundField> fields_;
    std::vector<BoundIndex> indexes_;
    std::vector<BoundReference> references_;
};

/// All collections of one version of the catalog. Immutable, shared by threads. A BoundCollection
/// or a find is valid only while its Collections lives. The relational store asks it, as its
/// ChildStore, before a row is removed.
class Collections final : public catalog::ChildStore {
  public:
    /// `rows` is asked whether the rows exist to which documents refer; it may be null only if no
    /// collection of the definition has a reference.
    [[nodiscard]] static std::shared_ptr<const Collections> bind(
        std::shared_ptr<const catalog::Definition> definition,
        std::shared_ptr<const catalog::ParentStore> rows = nullptr);

    [[nodiscard]] const catalog::Definition& definition() const noexcept { return *definition_; }
    [[nodiscard]] const BoundCollection* find(std::string_view collection) const noexcept;
    /// Throws `no_such_table`.
    [[nodiscard]] const BoundCollection& require(std::string_view collection) const;
    /// In the order of declaration: `all()[i]` belongs to `definition().collections[i]`.
    [[nodiscard]] std::span<const std::unique_ptr<BoundCollection>> all() const noexcept {
        return collections_;
    }

    [[nodiscard]] std::optional<std::string> find_child(const transaction::Reading& reading,
                                                        const catalog::Table& parent,
                                                        std::span<const Cell> parent_key,
                                                        Referring referring) const override;
    void erase_children(transaction::Writing& writing, const catalog::Table& parent,
                        std::span<const Cell> parent_key) const override;

  private:
    Collections() = default;

    std::shared_ptr<const catalog::Definition> definition_;
    std::shared_ptr<const catalog::ParentStore> rows_;
    std::vector<std::unique_ptr<BoundCollection>> collections_;
};

}  // namespace amphora::document

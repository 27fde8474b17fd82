#pragma once

#include "base/bytes.hpp"
#include "catalog/definition/catalog.hpp"
#include "catalog/evolution/stored_catalog.hpp"
#include "transaction/reading.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// The catalog in the database, and its changes.
///
///   space_catalog | "catalog"          → format, version, next free space, number of entries
///   space_catalog | "entry" | space    → format, spaces, one CREATE TABLE or CREATE COLLECTION
///   space_catalog | "past" | sequence  → the whole catalog as it was before that commit
///
/// All of it is in the relational tree and changed by ordinary commits, so a snapshot sees the
/// catalog of its own moment.
///
/// Opening for writing: `load`, `parse_schemas`, `missing_system_definition`, `require_applicable`,
/// `apply_additive`, filling what `Applied` names, commit.
namespace amphora::catalog {

/// The catalog as `reading` sees it; an empty one of version 0 in a new database. Throws `corrupt`,
/// also if some of its entries are missing; `newer_format` or `unsupported` for entries of another
/// version of the library. `place` is for the message.
[[nodiscard]] std::shared_ptr<const Catalog> load(
    const transaction::Reading& reading, const std::string& place = "the relational store");

/// The version that `load` would return; one look-up.
[[nodiscard]] std::uint64_t stored_version(const transaction::Reading& reading);

/// A version of the catalog that is kept for readers of earlier commits.
struct PastVersion {
    Sequence changed_by{};  ///< the commit that ended it
    Buffer stored;          ///< for `stored::decode_version`; empty: it is damaged
};
/// All of them, oldest first.
[[nodiscard]] std::vector<PastVersion> past_versions(const transaction::Reading& reading);

/// The catalog as the commit `commit` left it, if it was changed since; none: it is the one that
/// `load` returns. Exact for commits that the journal holds. Throws as `load`.
[[nodiscard]] std::optional<stored::Version> past_version(const transaction::Reading& reading,
                                                          Sequence commit);
/// The same, or else the catalog in force, as bytes for `stored::decode_version`. Throws `corrupt`,
/// also if some of its entries are missing.
[[nodiscard]] Buffer encoded_version(const transaction::Reading& reading, Sequence commit);

struct Difference {
    enum class Kind : std::uint8_t {
        additive,     ///< can be applied at once, for any rows
        conditional,  ///< can be applied if every stored row or document fulfils it
        empty_only,   ///< can be applied to a table without rows: no row has a value for it
        conflicting,  ///< does not fit what is stored
    };
    Kind kind = Kind::conflicting;
    std::string text;  ///< "table users: column email is VARCHAR(100), the schema says VARCHAR(50)"
    std::string owner;  ///< the table or collection; empty: the difference is between several
};

/// The differences of `wanted` from `stored`. Stored tables and collections that `wanted` does not
/// name are no difference, and neither is a stored index that is not unique and that `wanted` does
/// not name: several schemas may use one database, and such an index changes no result.
///
/// Additive are:
///   - a new table or collection
///   - a new index that is not unique
///   - at the end of a table a new column that is nullable or has a literal DEFAULT, with its
///     CHECKs and, if it is nullable and has no DEFAULT, its REFERENCES and UNIQUE
///   - a new field of a collection without NOT NULL
///   - new members at the end of an ENUM; a longer VARCHAR; another retention or `before`
///
/// Conditional are:
///   - any other new CHECK, REFERENCES or unique index
///   - NOT NULL where there was none, also for a new field of a collection
///
/// For an empty table only are, at its end:
///   - a new column that is NOT NULL without a DEFAULT
///   - a new column with DEFAULT NOW()
///
/// Everything else conflicts.
[[nodiscard]] std::vector<Difference> difference(const Definition& stored,
                                                 const Definition& wanted);

/// Throws `schema_mismatch`, which lists all differences, if one of them conflicts.
void require_applicable(const Definition& stored, const Definition& wanted);

/// What the stores must do, in the same transaction, before the new catalog is in force.
struct Applied {
    std::shared_ptr<const Catalog> catalog;
    bool changed = false;
    /// New indexes of existing tables or collections, to be filled from the rows or documents.
    struct AddedIndex {
        std::string owner;  ///< table or collection
        std::string index;
    };
    std::vector<AddedIndex> indexes;
    /// Newly declared fields of existing collections. Documents may already have other values under
    /// these names: they must be checked, and the transaction given up if one does not fit.
    struct AddedField {
        std::string collection;
        std::string field;
    };
    std::vector<AddedField> fields;
    /// What every stored row or document must fulfil: they must be checked, and the transaction
    /// given up if one does not.
    std::vector<Difference> conditions;
};

/// Writes what `wanted` adds to `stored`, and gives new spaces their numbers. Writes nothing if
/// there is no difference. Keeps `stored` as a past version, and removes those that end at or
/// before `oldest_prior`, the last commit before those that the journal holds. Throws as
/// `require_applicable`.
[[nodiscard]] Applied apply_additive(transaction::Writing& writing, const Catalog& stored,
                                     const Definition& wanted, Sequence oldest_prior = {});

}  // namespace amphora::catalog

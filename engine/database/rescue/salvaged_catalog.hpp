#pragma once

#include "base/bytes.hpp"
#include "catalog/evolution/stored_catalog.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace amphora {

/// Definitions that were in the catalog and are not in force in the repaired database.
struct LostDefinitions {
    /// An entry whose checksum does not match. Its contents are a hint, never a definition.
    struct Hint {
        std::string name;  ///< empty: it cannot be read
        SpaceId space{};   ///< of the rows or documents; 0: it cannot be read
        SpaceId counter{};
    };
    std::vector<Hint> damaged;
    /// Sound entries that refer to a table whose definition is lost.
    std::vector<catalog::stored::Entry> without_parent;
    std::uint64_t missing = 0;  ///< entries of which nothing was found, as far as that is known

    [[nodiscard]] bool empty() const noexcept {
        return damaged.empty() && without_parent.empty() && missing == 0;
    }
};

/// Entries of the catalog, divided into those that make a schema and those that need a table which
/// is not among them.
struct PartedDefinitions {
    std::vector<catalog::stored::Entry> sound;
    std::vector<catalog::stored::Entry> without_parent;
};
[[nodiscard]] PartedDefinitions part_definitions(std::vector<catalog::stored::Entry> entries);

/// The catalog from a damaged tree and from the journal: the relational store's entries of
/// `space_catalog`. They go into a new tree only as far as they make a schema. Past versions are
/// left out: a repaired database has no commit that needs them.
class SalvagedCatalog {
  public:
    [[nodiscard]] static bool owns(Bytes key);

    void put(Bytes key, Bytes value);
    void put_if_absent(Bytes key, Bytes value);
    void erase(Bytes key);
    /// An entry whose checksum does not match; `stored` includes the checksum.
    void add_damaged(Bytes key, Bytes stored);
    /// The number of entries, by the damaged tree.
    void expect(std::uint64_t entries) { expected_ = entries; }

    /// The entries that make a schema, to be written, with a new header if that is lost. None:
    /// there is no definition. Throws `newer_format`.
    struct Sound {
        std::map<Buffer, Buffer> entries;
        LostDefinitions lost;
    };
    [[nodiscard]] Sound sound() const;

  private:
    /// Whether it is the key of a past version.
    [[nodiscard]] bool leave_out_past(Bytes key);

    std::map<Buffer, Buffer> entries_;
    std::map<Buffer, Buffer> damaged_;
    std::set<Buffer> past_;  ///< the keys of past versions
    std::optional<std::uint64_t> expected_;
};

}  // namespace amphora

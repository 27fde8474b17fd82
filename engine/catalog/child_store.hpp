#pragma once

#include "catalog/definition.hpp"
#include "transaction/reading.hpp"

#include <amphora/cell.hpp>

#include <optional>
#include <span>
#include <string>

namespace amphora::catalog {

/// A store whose entries refer to rows of tables and which is not the relational store itself: the
/// document store. The relational store asks it before a row goes, so that a foreign key holds
/// across both stores although neither includes the other.
///
/// `parent_key` is the row's primary key, its cells in the order of `parent.primary_key`, each of
/// exactly its column's kind. Everything happens inside the caller's transaction and statement.
class ChildStore {
  public:
    virtual ~ChildStore() = default;

    enum class Referring : std::uint8_t {
        restricting,  ///< through references that are ON DELETE RESTRICT
        any,          ///< through any reference; asked when a primary key is to change
    };
    /// Who refers to the row, in words that end a message ("collection activity_logs (user_id 4)"),
    /// or none.
    [[nodiscard]] virtual std::optional<std::string> find_child(const transaction::Reading& reading,
                                                                const Table& parent,
                                                                std::span<const Cell> parent_key,
                                                                Referring referring) const = 0;

    /// Erases every entry that refers to the row through a reference ON DELETE CASCADE, with its
    /// index entries. Asked after the row itself is gone.
    virtual void erase_children(transaction::Writing& writing, const Table& parent,
                                std::span<const Cell> parent_key) const = 0;
};

}  // namespace amphora::catalog

#pragma once

#include "catalog/definition/definition.hpp"
#include "transaction/reading.hpp"

#include <amphora/cell.hpp>

#include <optional>
#include <span>
#include <string>

namespace amphora::catalog {

/// A store whose entries refer to rows of tables and which is not the relational store itself: the
/// document store. The relational store asks it before a row is erased, so a foreign key holds
/// across both stores, although neither includes the other.
///
/// `parent_key` is the row's primary key: cells in the order of `parent.primary_key`, each of
/// exactly its column's kind. Everything happens in the caller's transaction and statement.
class ChildStore {
  public:
    virtual ~ChildStore() = default;

    enum class Referring : std::uint8_t {
        restricting,  ///< by references that are ON DELETE RESTRICT
        any,          ///< by any reference; asked when a primary key is to change
    };
    /// An entry that refers to the row, in words that end a message ("collection activity_logs
    /// (user_id 4)"); none if there is none.
    [[nodiscard]] virtual std::optional<std::string> find_child(const transaction::Reading& reading,
                                                                const Table& parent,
                                                                std::span<const Cell> parent_key,
                                                                Referring referring) const = 0;

    /// Erases every entry that refers to the row by a reference ON DELETE CASCADE, with its index
    /// entries. Called after the row itself was erased.
    virtual void erase_children(transaction::Writing& writing, const Table& parent,
                                std::span<const Cell> parent_key) const = 0;
};

}  // namespace amphora::catalog

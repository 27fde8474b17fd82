#pragma once

#include <amphora/schema.hpp>

/// The tables and collections of the workload: one of each constraint that a transaction can meet,
/// and chains of cascades that end in the other store (owner -> item -> picture, owner -> note).
namespace amphora::workload {

extern const Schema schema;

inline constexpr Table owners{"owners"};
inline constexpr Table items{"items"};
inline constexpr Table loans{"loans"};
inline constexpr Table receipts{"receipts"};
inline constexpr Table progress{"progress"};
inline constexpr Collection notes{"notes"};
inline constexpr Collection pictures{"pictures"};
inline constexpr Collection marks{"marks"};
inline constexpr Collection trails{"trails"};
/// Kept by consumers (mirror.hpp), and not by transactions.
inline constexpr Table owner_copies{"owner_copies"};
inline constexpr Table item_copies{"item_copies"};
inline constexpr Collection note_copies{"note_copies"};

inline constexpr UniqueIndex owners_by_email{"owners", "owners_by_email"};
inline constexpr UniqueIndex items_by_owner{"items", "items_by_owner"};
inline constexpr UniqueIndex receipts_by_serial{"receipts", "receipts_by_serial"};

}  // namespace amphora::workload

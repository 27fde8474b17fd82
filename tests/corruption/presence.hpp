#pragma once

#include "workload/model.hpp"
#include "workload/reading.hpp"
#include "workload/schema.hpp"

#include <amphora/error.hpp>
#include <amphora/reader.hpp>

#include <cstdint>
#include <exception>
#include <map>
#include <string_view>

namespace amphora::corruption {

[[nodiscard]] inline workload::Item item_of(const Record& row) {
    return {row["owner_id"].as<std::int64_t>(), row["label"].as<std::string>()};
}
[[nodiscard]] inline workload::Loan loan_of(const Record& row) {
    return {row["owner_id"].as<std::int64_t>(),
            static_cast<std::int64_t>(rescale(row["amount"].as<Decimal>(), 2).units)};
}

/// Calls `tell(name, id, is_newest)` for each entry of the model: whether it is found by its key,
/// in its newest version. Receipts are left out, because the engine chooses their keys.
template <class Tell>
void each_entry(const Reader& reader, const workload::Model& model, Tell tell) {
    const auto ask = [&](std::string_view name, const auto& all, auto found) {
        for (const auto& [id, expected] : all) {
            bool is_newest = false;
            try {
                is_newest = found(id, expected);
            } catch (const std::exception&) {
                // Not found is not found, for every reason.
            }
            tell(name, id, is_newest);
        }
    };
    const auto row = [&](const Table& table, auto convert) {
        return [&, convert](std::int64_t id, const auto& expected) {
            const auto found = reader.find(table, {id});
            return found && convert(*found) == expected;
        };
    };
    const auto document = [&](const Collection& collection, auto convert) {
        return [&, convert](std::int64_t id, const auto& expected) {
            const auto found = reader.find(collection, Id{id});
            return found && convert(*found) == expected;
        };
    };
    ask("owners", model.owners, row(workload::owners, workload::owner_of));
    ask("items", model.items, row(workload::items, item_of));
    ask("loans", model.loans, row(workload::loans, loan_of));
    ask("notes", model.notes, document(workload::notes, workload::note_of));
    ask("pictures", model.pictures, document(workload::pictures, workload::picture_of));
    if (model.done == 0) return;
    const std::map<std::int64_t, std::uint64_t> in_rows{{model.thread, model.done_in_rows}};
    ask("progress", in_rows, row(workload::progress, [](const Record& found) {
            return static_cast<std::uint64_t>(found["done"].as<std::int64_t>());
        }));
    const std::map<std::int64_t, std::uint64_t> in_documents{
        {model.thread, model.done_in_documents}};
    ask("marks", in_documents, document(workload::marks, [](DocumentView found) {
            return static_cast<std::uint64_t>(found.field("done")->as_int64().value_or(-1));
        }));
}

}  // namespace amphora::corruption

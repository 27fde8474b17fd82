#pragma once

#include "database/opening.hpp"
#include "database/system_access.hpp"
#include "stores/rows.hpp"

#include <amphora/database.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

/// Rows and documents of the engine's own, written as the engine would write them.
namespace amphora {

inline constexpr Table consumers{"amphora.consumers"};
inline constexpr Collection dead_letters{"amphora.dead_letters"};

inline Record consumer(const std::string& name) {
    return {{"name", name},
            {"position", "11111111111111111111111111111111:7:0"},
            {"definition", "{\"tables\": [\"customers\"]}"}};
}

inline Document dead_letter(const std::string& name, int number) {
    return {{"_id", number},
            {"consumer", name},
            {"position", "11111111111111111111111111111111:" + std::to_string(number) + ":0"},
            {"at", DateTime{1'700'000'000'000'000}},
            {"attempts", 5},
            {"error", "the handler threw: no such mission"},
            {"first_at", DateTime{1'700'000'000'000'000}},
            {"change", Document{{"op", "c"}, {"after", Document{{"customer_id", number}}}}}};
}

/// One consumer and `letters` dead letters of it, in one commit.
inline void add_system_rows(Database& database, const std::string& name, int letters) {
    detail::SystemAccess::allow_writes(database);
    database.write([&](Transaction& tx) {
        tx.insert(consumers, consumer(name));
        for (int letter = 1; letter <= letters; ++letter) {
            tx.insert(dead_letters, dead_letter(name, letter));
        }
    });
}

/// Opens a database for writing as earlier versions of the library did, which made no system tables.
inline std::shared_ptr<Core> open_as_earlier(
    const std::string& path, std::optional<std::span<const Schema>> schemas = std::nullopt,
    const Options& options = {}) {
    return open_core(path, schemas, options, std::nullopt, Definitions::may_be_lost);
}
inline void make_without_system_spaces(
    const std::string& path, const Schema& schema,
    const std::function<void(transaction::Writing&, const stores::BoundSchema&)>& fill = nullptr) {
    const auto core = open_as_earlier(path, std::span{&schema, 1});
    if (fill) {
        auto writing = core->engine->begin({});
        fill(*writing, *core->schema);
        core->engine->commit(std::move(writing));
    }
    core->close();
}

}  // namespace amphora

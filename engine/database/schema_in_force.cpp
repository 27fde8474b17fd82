#include "database/schema_in_force.hpp"

#include "catalog/evolution/evolution.hpp"
#include "catalog/language/parser.hpp"
#include "catalog/system/system_schema.hpp"
#include "database/adoption.hpp"
#include "database/consumer_positions.hpp"
#include "database/directory/directory.hpp"
#include "database/used_spaces.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace amphora {

namespace {

catalog::Definition parse(std::span<const Schema> schemas, const catalog::Definition& stored) {
    std::vector<catalog::SchemaText> texts;
    for (const Schema& schema : schemas) texts.push_back({schema.text, schema.name});
    return catalog::parse_schemas(texts, stored);
}

/// What the schemas and this version of the library need. What an opening cannot add, because it is
/// read-only, is needed only if a schema of the caller declares it. The definitions that a damaged
/// catalog has lost may include those of the system schema, so a repair adds these itself.
catalog::Definition wanted_definition(const Core& core,
                                      std::optional<std::span<const Schema>> schemas,
                                      const catalog::Definition& stored, Definitions definitions) {
    catalog::Definition wanted;
    if (schemas) wanted = parse(*schemas, stored);
    if (core.is_read_only() || definitions == Definitions::may_be_lost) return wanted;
    catalog::Definition missing = catalog::missing_system_definition(stored);
    std::ranges::move(missing.tables, std::back_inserter(wanted.tables));
    std::ranges::move(missing.collections, std::back_inserter(wanted.collections));
    return wanted;
}

bool is_lack_of_room(ErrorCode code) noexcept {
    return code == ErrorCode::disk_full || code == ErrorCode::outbox_full ||
           code == ErrorCode::documents_stalled;
}

/// Adds what is missing. If the caller's schema needs nothing of it and there is no room, adds
/// nothing: the database must open so that something can be removed from it.
void add_missing(Core& core, const catalog::Catalog& stored, const catalog::Definition& wanted,
                 const std::vector<catalog::Difference>& differences) {
    try {
        core.schema = adopt(core, stored, wanted);
    } catch (const Error& error) {
        const bool is_needed = std::ranges::any_of(differences, [](const auto& difference) {
            return !catalog::is_system_name(difference.owner);
        });
        if (is_needed || !is_lack_of_room(error.code())) throw;
        core.log(fmt::format("the system tables are not there yet, the next opening adds them: {}",
                             error.what()));
        return;
    }
    for (const catalog::Difference& difference : differences) {
        core.log(fmt::format("schema: {}", difference.text));
    }
}

}  // namespace

void require_schemas(std::span<const Schema> schemas) {
    static_cast<void>(parse(schemas, {}));
}

void put_in_force(Core& core, std::optional<std::span<const Schema>> schemas,
                  Definitions definitions) {
    const std::string place = DatabasePaths{core.path}.relational;
    const auto reading = core.engine->snapshot();
    const auto stored = catalog::load(*reading, place);
    core.schema = std::make_shared<const stores::BoundSchema>(stored);
    // Before the schema is adopted, because that may need room in the journal.
    if (core.archiver) core.archiver->begin();
    detail::restore_consumer_positions(core);
    if (definitions == Definitions::needed && stored->version() == 0 &&
        !used_spaces(*reading, TreeId::relational).empty()) {
        throw Error{ErrorCode::corrupt,
                    fmt::format("{}: holds rows, and no catalog says what they are; restore a "
                                "backup, or repair the database and give its schema",
                                place)};
    }
    // A rescue shows what is stored, whatever schema the caller gives.
    if (core.is_rescue()) return;

    const catalog::Definition wanted =
        wanted_definition(core, schemas, stored->definition(), definitions);
    catalog::require_applicable(stored->definition(), wanted);
    const auto differences = catalog::difference(stored->definition(), wanted);
    if (differences.empty()) return;
    if (core.is_read_only()) {
        throw Error{ErrorCode::schema_mismatch,
                    fmt::format("{} is opened read-only and lacks what the schema says: {}",
                                core.path, differences.front().text)};
    }

    add_missing(core, *stored, wanted, differences);
}

}  // namespace amphora

#include "catalog/language/print.hpp"
#include "database/consumer_positions.hpp"
#include "database/core.hpp"
#include "database/figures.hpp"
#include "database/rescue/examination.hpp"
#include "database/space_reports.hpp"

#include <amphora/database.hpp>

#include <fmt/format.h>

#include <algorithm>

// What tools ask of a database: its state, its contents, its soundness.
namespace amphora {

Statistics Database::statistics() const {
    const auto core = current();
    const Core::Use use{*core};
    core->require_usable();
    // What an observer could say of itself is of no interest while there is an owner.
    if (core->observer && core->observer->owner()) return core->observer->figures();
    return figures_of(*core);
}

std::vector<SpaceReport> Database::describe(Spaces spaces) const {
    const auto core = current();
    const Core::Use use{*core};
    core->require_usable();
    return detail::space_reports(core->schema->catalog().definition(), spaces);
}

std::string Database::schema_text(Spaces spaces) const {
    const auto core = current();
    const Core::Use use{*core};
    core->require_usable();
    catalog::Definition definition = core->schema->catalog().definition();
    const auto is_left_out = [&](const auto& one) { return !detail::is_meant(one.name, spaces); };
    std::erase_if(definition.tables, is_left_out);
    std::erase_if(definition.collections, is_left_out);
    return catalog::to_sql(definition);
}

CheckReport Database::check() const {
    const auto core = current();
    const Core::Use use{*core};
    core->require_usable();
    return amphora::check(*core);
}

}  // namespace amphora

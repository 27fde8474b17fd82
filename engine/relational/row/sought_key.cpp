#include "relational/row/sought_key.hpp"

#include "relational/value/comparison.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::relational {

SoughtKey::SoughtKey(const BoundTable& table, std::span<const std::uint32_t> places,
                     std::span<const Cell> given)
    : conversion_{table.definition(), 0}, cells_{places.size()} {
    if (given.size() != places.size()) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("the key of {} has {} columns, {} values were given", table.name(),
                                places.size(), given.size())};
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (given[i].is_null() || given[i].is_absent()) {
            may_exist_ = false;
            continue;
        }
        const Comparand sought = comparand(table.definition(), places[i], given[i], conversion_);
        may_exist_ = may_exist_ && sought.relation == Comparand::Relation::equals;
        cells_[i] = sought.cell;
    }
}

}  // namespace amphora::relational

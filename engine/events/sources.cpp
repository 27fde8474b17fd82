#include "events/sources.hpp"

#include <algorithm>
#include <utility>

namespace amphora::events {

Sources::Sources(std::shared_ptr<const stores::BoundSchema> schema) : schema_{std::move(schema)} {
    for (const auto& table : schema_->tables().all()) {
        add(table->definition().space, {.table = table.get(),
                                        .name = table->name(),
                                        .is_system = is_system_name(table->name())});
    }
    for (const auto& collection : schema_->collections().all()) {
        add(collection->space(), {.collection = collection.get(),
                                  .name = collection->name(),
                                  .is_system = is_system_name(collection->name())});
    }
}

void Sources::add(SpaceId space, const Source& source) {
    const std::size_t place = number(space);
    if (by_space_.size() <= place) by_space_.resize(place + 1);
    by_space_[place] = source;
}

std::optional<SpaceId> Sources::space_of(std::string_view name) const noexcept {
    const auto found = std::ranges::find(by_space_, name, &Source::name);
    if (name.empty() || found == by_space_.end()) return std::nullopt;
    return SpaceId{static_cast<std::uint32_t>(found - by_space_.begin())};
}

std::vector<SpaceId> Sources::spaces_of_users() const {
    std::vector<SpaceId> spaces;
    for (std::uint32_t space = 0; space < by_space_.size(); ++space) {
        const Source* const source = find(SpaceId{space});
        if (source != nullptr && !source->is_system) spaces.push_back(SpaceId{space});
    }
    return spaces;
}

}  // namespace amphora::events

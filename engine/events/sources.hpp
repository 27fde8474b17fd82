#pragma once

#include "stores/bound_schema.hpp"

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace amphora::events {

/// Whether a table, a collection or a topic is the engine's own.
[[nodiscard]] constexpr bool is_system_name(std::string_view name) noexcept {
    return name.starts_with("amphora.");
}

/// Whose rows or documents are in a space. Entries of indexes, counters and the like are no source
/// of changes. One look-up is one step into a vector.
class Sources {
  public:
    struct Source {
        const relational::BoundTable* table = nullptr;
        const document::BoundCollection* collection = nullptr;
        std::string_view name = {};
        bool is_system = false;
    };

    explicit Sources(std::shared_ptr<const stores::BoundSchema> schema);

    /// Null if the space has no rows or documents.
    [[nodiscard]] const Source* find(SpaceId space) const noexcept {
        const std::size_t place = number(space);
        if (place >= by_space_.size()) return nullptr;
        const Source& found = by_space_[place];
        return found.name.empty() ? nullptr : &found;
    }
    /// The space of the rows or documents of a table or collection; none: there is none of that name.
    [[nodiscard]] std::optional<SpaceId> space_of(std::string_view name) const noexcept;
    /// The spaces of all tables and collections but the engine's own, ascending.
    [[nodiscard]] std::vector<SpaceId> spaces_of_users() const;
    [[nodiscard]] const stores::BoundSchema& schema() const noexcept { return *schema_; }

  private:
    void add(SpaceId space, const Source& source);

    std::shared_ptr<const stores::BoundSchema> schema_;
    std::vector<Source> by_space_;
};

}  // namespace amphora::events

#include "catalog/definition/definition.hpp"

#include <algorithm>

namespace amphora::catalog {

namespace {

char lower(char letter) noexcept {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
}

template <class Named>
const Named* find_named(const std::vector<Named>& all, std::string_view name) noexcept {
    const auto found = std::find_if(all.begin(), all.end(), [&](const Named& candidate) {
        return same_name(candidate.name, name);
    });
    return found == all.end() ? nullptr : &*found;
}

}  // namespace

bool same_name(std::string_view left, std::string_view right) noexcept {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
}

bool is_system_name(std::string_view name) noexcept {
    constexpr std::size_t point = system_prefix.size() - 1;
    if (name.size() <= point || name[point] != system_prefix[point]) [[likely]] {
        return false;
    }
    return same_name(name.substr(0, system_prefix.size()), system_prefix);
}

std::optional<std::uint32_t> Table::find_column(std::string_view column) const noexcept {
    const Column* found = find_named(columns, column);
    if (found == nullptr) return std::nullopt;
    return static_cast<std::uint32_t>(found - columns.data());
}

const Index* Table::find_index(std::string_view index) const noexcept {
    return find_named(indexes, index);
}

const Column* Collection::find_field(std::string_view field) const noexcept {
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const Column& candidate) {
        return candidate.name == field;
    });
    return found == fields.end() ? nullptr : &*found;
}

const Index* Collection::find_index(std::string_view index) const noexcept {
    return find_named(indexes, index);
}

const Table* Definition::find_table(std::string_view table) const noexcept {
    return find_named(tables, table);
}

const Collection* Definition::find_collection(std::string_view collection) const noexcept {
    return find_named(collections, collection);
}

}  // namespace amphora::catalog

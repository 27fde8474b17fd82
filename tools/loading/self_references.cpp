#include "loading/self_references.hpp"

#include "catalog/definition/primary_key.hpp"
#include "relational/value/conversion.hpp"

#include <algorithm>

namespace amphora::loading {

SelfReferences::SelfReferences(const catalog::Table& definition) : definition_{definition} {
    for (const catalog::Reference& reference : definition.references) {
        if (catalog::same_name(reference.parent, definition.name)) {
            references_.push_back(&reference);
        }
    }
}

Buffer SelfReferences::key_of(const RowView& stored) const {
    std::vector<Cell> cells;
    for (const std::uint32_t place : definition_.primary_key) cells.push_back(stored.cell(place));
    Buffer key;
    catalog::encode_row_key(definition_, cells, key);
    return key;
}

std::optional<Buffer> SelfReferences::key_of(std::span<const Cell> given) const {
    return key_at(definition_.primary_key, given);
}

std::vector<Buffer> SelfReferences::missing_parents(const Reader& reader,
                                                    std::span<const Cell> given) const {
    std::vector<Buffer> missing;
    const std::optional<Buffer> own = key_of(given);
    for (const catalog::Reference* reference : references_) {
        const std::optional<Buffer> parent = key_at(reference->places, given);
        if (!parent || parent == own) continue;
        std::vector<Cell> key;
        for (const std::uint32_t place : reference->places) key.push_back(given[place]);
        RowView row;
        if (!reader.find_row(Table{definition_.name}, key, row)) missing.push_back(*parent);
    }
    return missing;
}

std::optional<Buffer> SelfReferences::key_at(std::span<const std::uint32_t> places,
                                             std::span<const Cell> given) const {
    relational::Conversion conversion{definition_, 0};
    std::vector<Cell> cells;
    for (const std::uint32_t place : places) {
        if (given[place].is_absent() || given[place].is_null()) return std::nullopt;
        cells.push_back(conversion(place, given[place]));
    }
    Buffer key;
    catalog::encode_row_key(definition_, cells, key);
    return key;
}

}  // namespace amphora::loading

#include "database/rescue/space_fit.hpp"

#include "codec/key/ordered_key.hpp"
#include "codec/key/writer.hpp"
#include "document/check.hpp"
#include "relational/check.hpp"

#include <memory>
#include <utility>

namespace amphora {

namespace {

constexpr std::size_t entries_asked = 100;
constexpr std::size_t counter_bytes = 8;

/// Whether there are entries and `fits(key, value)` holds for the first of them.
template <class Fits>
bool first_fit(const transaction::Reading& reading, TreeId tree, SpaceId space, Fits fits) {
    const codec::KeyWriter all{space};
    const auto cursor = reading.cursor(tree, all.bytes(), codec::prefix_end(all.bytes()));
    std::size_t asked = 0;
    for (cursor->seek_first(); cursor->valid() && asked < entries_asked; cursor->next(), ++asked) {
        if (!fits(cursor->key(), cursor->value())) return false;
    }
    return asked != 0;
}

/// A definition of one table or collection alone.
template <class Owner>
Owner alone(Owner owner, SpaceId space) {
    owner.space = space;
    owner.references.clear();
    owner.indexes.clear();
    return owner;
}

}  // namespace

bool rows_fit(const transaction::Reading& reading, const catalog::Table& table, SpaceId space) {
    auto definition = std::make_shared<catalog::Definition>();
    catalog::Table own = alone(table, space);
    own.counter = SpaceId{number(space) + 1};
    definition->tables.push_back(std::move(own));
    const auto tables = relational::Tables::bind(std::move(definition));
    return first_fit(reading, TreeId::relational, space, [&](Bytes key, Bytes value) {
        return !relational::find_fault(reading, *tables->all().front(), key, value);
    });
}

bool documents_fit(const transaction::Reading& reading, const catalog::Collection& collection,
                   SpaceId space) {
    auto definition = std::make_shared<catalog::Definition>();
    definition->collections.push_back(alone(collection, space));
    const auto collections = document::Collections::bind(std::move(definition));
    return first_fit(reading, TreeId::documents, space, [&](Bytes key, Bytes value) {
        return !document::find_fault(reading, *collections->all().front(), key, value);
    });
}

bool is_counter(const transaction::Reading& reading, SpaceId space) {
    if (space < space_first_free) return false;
    const Buffer own = codec::KeyWriter{space}.take();
    return first_fit(reading, TreeId::relational, space, [&](Bytes key, Bytes value) {
        return key == own && value.size() == counter_bytes;
    });
}

}  // namespace amphora

#include "catalog/system/system_schema.hpp"

#include "catalog/language/parser.hpp"

#include <string_view>

namespace amphora::catalog {

namespace {

// A position is the text form of a place in the change feed: timeline, sequence and index; during a
// snapshot also a table and the last key that was read. A position is a row, because it is small,
// and recovery trusts the relational tree most.
//
// If the definition of dead_letters is lost, a repair finds its space by the contents. Therefore
// most of its fields are NOT NULL: documents of other collections do not have all of them.
constexpr std::string_view text = R"sql(
CREATE TABLE "amphora.consumers" (
    name       VARCHAR(255) PRIMARY KEY,
    position   TEXT NOT NULL,                               -- the last change that took effect
    definition TEXT NOT NULL,                               -- the filter, in JSON
    state      ENUM('running', 'paused', 'stopped') NOT NULL DEFAULT 'running',
    kind       ENUM('handler', 'reader') NOT NULL DEFAULT 'handler',  -- reader: acknowledges
    when_full  ENUM('hold', 'skip') NOT NULL DEFAULT 'hold',          -- at feed_bytes_max
    attempts   INT NOT NULL DEFAULT 0,                      -- of the change `failing`
    failing    TEXT,                                        -- the position of a change that failed
    last_error TEXT,
    created_at DATETIME(6) NOT NULL DEFAULT NOW(),
    updated_at DATETIME(6) NOT NULL DEFAULT NOW() ON UPDATE NOW(),
    ran_at     DATETIME(6),                                 -- when a program last ran it
    read_again TEXT                                         -- names that wait for it, in JSON
);

-- The change itself is a free sub-document.
CREATE COLLECTION "amphora.dead_letters" (
    consumer      VARCHAR(255) NOT NULL,
    position      TEXT NOT NULL,                            -- of the change
    at            DATETIME NOT NULL,                        -- of the last attempt
    attempts      INT NOT NULL,
    error         TEXT NOT NULL,
    first_at      DATETIME NOT NULL,                        -- of the first attempt
    partition_key TEXT,                                     -- later changes of this key wait
    state         ENUM('retrying', 'waiting', 'dead', 'replaying'),  -- NULL: dead
    INDEX dead_letters_by_consumer (consumer, at)
);
)sql";

template <class Owner>
bool has_less(const Owner* stored, const Owner& wanted) {
    if (stored == nullptr || stored->indexes.size() < wanted.indexes.size()) return true;
    if constexpr (requires { wanted.columns; }) {
        return stored->columns.size() < wanted.columns.size();
    } else {
        return stored->fields.size() < wanted.fields.size();
    }
}

}  // namespace

const Definition& system_definition() {
    static const Definition definition =
        parse_schema(text, "the system schema", SystemNames::allowed);
    return definition;
}

Definition missing_system_definition(const Definition& stored) {
    Definition missing;
    for (const Table& table : system_definition().tables) {
        if (has_less(stored.find_table(table.name), table)) missing.tables.push_back(table);
    }
    for (const Collection& collection : system_definition().collections) {
        if (has_less(stored.find_collection(collection.name), collection)) {
            missing.collections.push_back(collection);
        }
    }
    return missing;
}

}  // namespace amphora::catalog

#pragma once

#include <amphora/amphora.hpp>

#include <cstdint>
#include <string>

/// The data of the load cases: people, and notes about them in the other store.
namespace amphora::soak {

inline constexpr Schema people_schema{"people", R"sql(
CREATE TABLE people (person_id BIGINT PRIMARY KEY, name VARCHAR(40) NOT NULL, visits BIGINT NOT NULL);
CREATE INDEX people_by_name ON people (name);
CREATE COLLECTION notes (person_id BIGINT NOT NULL);
CREATE INDEX notes_by_person ON notes (person_id);
)sql"};
inline constexpr Table people{"people"};
inline constexpr Collection notes{"notes"};

inline Record person(std::int64_t id, std::int64_t visits = 0) {
    return {{"person_id", id}, {"name", "Person " + std::to_string(id)}, {"visits", visits}};
}
inline Document note(std::int64_t id, const std::string& text) {
    return {{"_id", id}, {"person_id", id}, {"text", text}};
}

template <class Range>
std::uint64_t count_of(Range range) {
    std::uint64_t count = 0;
    for (auto at = range.begin(); at != range.end(); ++at) ++count;
    return count;
}

}  // namespace amphora::soak

#pragma once

#include <amphora/schema.hpp>

#include <string>
#include <vector>

/// A database that gets constraints by being opened with a wider schema: columns and fields that
/// are NOT NULL, unique indexes, CHECKs and references, on tables and collections that have entries
/// and on empty ones.
///
/// Invariant: the opening is one commit. Whenever the process ends, the database has the narrow
/// schema and none of the constraints, or the wide one and all of them, and its entries are the
/// same.
namespace amphora::fault {

inline constexpr Schema narrow{"widening", R"sql(
CREATE TABLE teams (id BIGINT PRIMARY KEY);
CREATE TABLE people (id BIGINT PRIMARY KEY, name VARCHAR(40), team BIGINT, age INT);
CREATE TABLE guests (id BIGINT PRIMARY KEY, name VARCHAR(40), team BIGINT, age INT);
CREATE COLLECTION papers (author VARCHAR(40), team BIGINT);
CREATE COLLECTION sketches (author VARCHAR(40), team BIGINT);
)sql"};

inline constexpr Schema wide{"widening", R"sql(
CREATE TABLE teams (id BIGINT PRIMARY KEY);
CREATE TABLE people (
    id BIGINT PRIMARY KEY,
    name VARCHAR(40) NOT NULL,
    team BIGINT REFERENCES teams,
    age INT CHECK (age >= 0),
    level INT NOT NULL DEFAULT 3,
    UNIQUE (name)
);
CREATE TABLE guests (
    id BIGINT PRIMARY KEY,
    name VARCHAR(40) NOT NULL,
    team BIGINT REFERENCES teams,
    age INT CHECK (age >= 0),
    level INT NOT NULL,
    UNIQUE (name)
);
CREATE COLLECTION papers (
    author VARCHAR(40) NOT NULL CHECK (LENGTH(author) > 2),
    team BIGINT REFERENCES teams,
    kind INT NOT NULL,
    UNIQUE (author)
);
CREATE COLLECTION sketches (
    author VARCHAR(40) NOT NULL CHECK (LENGTH(author) > 2),
    team BIGINT REFERENCES teams,
    kind INT NOT NULL,
    UNIQUE (author)
);
)sql"};

/// Makes the database with the narrow schema, and judges what an interrupted widening has left.
class Widening {
  public:
    /// Makes the narrow database in `directory`. `other` is for a copy that is widened without a
    /// fault.
    Widening(const std::string& directory, const std::string& other);

    struct Judged {
        bool was_narrow = false;
        std::vector<std::string> findings;  ///< what is wrong
    };
    /// Of the database in `directory`, which is wide afterwards.
    [[nodiscard]] Judged judge(const std::string& directory) const;

  private:
    std::string narrow_text_;  ///< of the schema, as it is stored
    std::string wide_text_;
};

}  // namespace amphora::fault

#include "relational/world.hpp"

#include <map>
#include <random>
#include <set>

/// Random statements against tables that refer to each other in every way, and against a model that
/// has no indexes: it changes plain maps and then tests all constraints over everything. Both must
/// agree on what is refused, with which code, and on every row; and `check` must find nothing.
namespace amphora::relational {
namespace {

constexpr std::string_view schema = R"sql(
CREATE TABLE a (id INT PRIMARY KEY AUTO_INCREMENT, u INT UNIQUE, v INT NOT NULL DEFAULT 3 CHECK (v < 9),
    t TEXT UNIQUE);
CREATE TABLE b (id INT PRIMARY KEY, a INT REFERENCES a (id) ON DELETE CASCADE, n INT,
    strict INT REFERENCES a (id));
CREATE UNIQUE INDEX b_by_a ON b (a, n);
CREATE INDEX b_by_strict ON b (strict, n);
CREATE TABLE c (id INT PRIMARY KEY AUTO_INCREMENT, b INT NOT NULL REFERENCES b (id) ON DELETE CASCADE,
    next INT REFERENCES c (id) ON DELETE CASCADE, t TEXT);
CREATE INDEX c_by_b ON c (b);
CREATE INDEX c_by_next ON c (next);
CREATE INDEX c_by_t ON c (t, b);
CREATE TABLE d (b INT PRIMARY KEY REFERENCES b (id) ON DELETE CASCADE, c INT REFERENCES c (id));
CREATE INDEX d_by_c ON d (c);
)sql";

using Values = std::vector<Value>;
using Rows =
    std::map<std::int64_t, Values>;  // by primary key, which is the first column everywhere

struct ModelTable {
    std::string name;
    const catalog::Table* definition;
    Rows rows;
    std::int64_t last_number = 0;
};

class Model {
  public:
    explicit Model(const catalog::Definition& definition) {
        for (const catalog::Table& table : definition.tables) {
            tables.push_back({table.name, &table, {}, 0});
        }
    }

    /// All codes of constraints that do not hold.
    std::set<ErrorCode> violations() const {
        std::set<ErrorCode> found;
        for (const ModelTable& table : tables) {
            for (const auto& [key, row] : table.rows) of_row(table, row, found);
            for (const catalog::Index& index : table.definition->indexes) {
                if (index.unique && stands_twice(table, index)) {
                    found.insert(ErrorCode::duplicate_key);
                }
            }
        }
        return found;
    }

    /// What goes with a row, by ON DELETE CASCADE.
    void erase(std::size_t at, std::int64_t key) {
        if (tables[at].rows.erase(key) == 0) return;
        for (std::size_t child = 0; child < tables.size(); ++child) {
            for (const catalog::Reference& reference : tables[child].definition->references) {
                if (reference.parent != tables[at].name ||
                    reference.on_delete != catalog::OnDelete::cascade) {
                    continue;
                }
                std::vector<std::int64_t> followers;
                for (const auto& [child_key, row] : tables[child].rows) {
                    if (row[reference.places[0]] == Value{key}) followers.push_back(child_key);
                }
                for (const std::int64_t follower : followers) erase(child, follower);
            }
        }
    }

    std::vector<ModelTable> tables;

  private:
    void of_row(const ModelTable& table, const Values& row, std::set<ErrorCode>& found) const {
        for (std::size_t place = 0; place < row.size(); ++place) {
            const catalog::Column& column = table.definition->columns[place];
            if (column.not_null && row[place].is_null()) {
                found.insert(ErrorCode::not_null_violation);
            }
        }
        if (table.name == "a" && !row[2].is_null() && row[2].as<std::int64_t>() >= 9) {
            found.insert(ErrorCode::check_violation);
        }
        for (const catalog::Reference& reference : table.definition->references) {
            const Value& value = row[reference.places[0]];
            if (value.is_null()) continue;
            for (const ModelTable& parent : tables) {
                if (parent.name == reference.parent &&
                    !parent.rows.contains(value.as<std::int64_t>())) {
                    found.insert(ErrorCode::foreign_key_violation);
                }
            }
        }
    }
    static bool stands_twice(const ModelTable& table, const catalog::Index& index) {
        std::set<std::string> seen;
        for (const auto& [key, row] : table.rows) {
            std::string columns;
            bool has_null = false;
            for (const std::uint32_t place : index.places) {
                has_null = has_null || row[place].is_null();
                columns += to_string(row[place]) + "|";
            }
            if (!has_null && !seen.insert(columns).second) return true;
        }
        return false;
    }
};

class ModelTest : public testing::TestWithParam<int> {
  protected:
    std::size_t pick(std::size_t count) { return static_cast<std::size_t>(random() % count); }

    Value value_for(const catalog::Column& column) {
        if (pick(7) == 0) return nullptr;
        if (column.type.type == catalog::Type::text) {
            // Some of them beyond what an index keeps whole.
            return pick(2) == 0 ? std::string(400 + pick(2), 'x') + static_cast<char>('a' + pick(3))
                                : std::string(1, static_cast<char>('a' + pick(12)));
        }
        return static_cast<std::int64_t>(1 + pick(column.name == "v" ? 10 : 12));
    }

    /// Runs a statement on both sides and compares.
    template <class OnModel, class OnStore>
    void both(const std::string& what, OnModel on_model, OnStore on_store) {
        Model changed = model;
        const std::optional<ErrorCode> early = on_model(changed);
        std::set<ErrorCode> expected = changed.violations();
        if (early) expected.insert(*early);
        try {
            on_store();
            ASSERT_TRUE(expected.empty()) << what << " went through, but should be "
                                          << to_string(*expected.begin()) << where();
            model = std::move(changed);
        } catch (const Error& error) {
            ASSERT_TRUE(expected.contains(error.code()))
                << what << " was refused: " << error.what() << where();
        }
        for (const ModelTable& table : model.tables) {
            Rows rows;
            for (const Record& record : world.all(table.name)) {
                Values row;
                for (const auto& [name, value] : record) row.push_back(value);
                rows.emplace(row[0].as<std::int64_t>(), std::move(row));
            }
            ASSERT_EQ(rows, table.rows) << "table " << table.name << " after " << what << where();
        }
        ASSERT_EQ(world.findings(), "") << what << where();
    }
    std::string where() const {
        return "\nAMPHORA_SEED=" + std::to_string(start) + ", step " + std::to_string(step);
    }

    void insert_or_put(std::size_t at, bool is_put) {
        const catalog::Table& table = *model.tables[at].definition;
        World::Givens givens;
        Values row;
        bool asks = false;
        for (std::size_t place = 0; place < table.columns.size(); ++place) {
            const catalog::Column& column = table.columns[place];
            Value value = value_for(column);
            if (column.auto_increment && (pick(2) == 0 || value.is_null())) {
                value = nullptr;
                asks = true;
            } else if (pick(6) == 0 && place > 0) {
                row.push_back(column.name == "v" ? Value{3} : Value{});
                continue;
            }
            givens.emplace_back(column.name, value);
            row.push_back(std::move(value));
        }
        both((is_put ? "put into " : "insert into ") + table.name,
             [&](Model& changed) -> std::optional<ErrorCode> {
                 ModelTable& there = changed.tables[at];
                 if (asks) row[0] = there.last_number + 1;
                 if (row[0].is_null()) return ErrorCode::not_null_violation;
                 const auto key = row[0].as<std::int64_t>();
                 const bool is_there = there.rows.contains(key);
                 there.rows[key] = row;
                 if (!is_put && is_there) return ErrorCode::duplicate_key;
                 if (table.columns[0].auto_increment) {
                     there.last_number = std::max(there.last_number, key);
                 }
                 return std::nullopt;
             },
             [&] { is_put ? world.put(table.name, givens) : world.insert(table.name, givens); });
    }

    void update(std::size_t at) {
        const catalog::Table& table = *model.tables[at].definition;
        const auto key = static_cast<std::int64_t>(1 + pick(12));
        World::Givens givens;
        std::map<std::size_t, Value> assigned;
        for (std::size_t place = 0; place < table.columns.size(); ++place) {
            if (pick(place == 0 ? 6 : 2) != 0) continue;
            Value value = value_for(table.columns[place]);
            if (place == 0 && value.is_null()) continue;
            givens.emplace_back(table.columns[place].name, value);
            assigned.emplace(place, std::move(value));
        }
        both(
            "update of " + table.name + " " + std::to_string(key),
            [&](Model& changed) -> std::optional<ErrorCode> {
                ModelTable& there = changed.tables[at];
                const auto found = there.rows.find(key);
                if (found == there.rows.end()) return std::nullopt;
                Values row = found->second;
                for (const auto& [place, value] : assigned) row[place] = value;
                const auto new_key = row[0].as<std::int64_t>();
                there.rows.erase(found);
                const bool is_there = there.rows.contains(new_key);
                there.rows[new_key] = row;
                if (is_there) return ErrorCode::duplicate_key;
                if (table.columns[0].auto_increment) {
                    there.last_number = std::max(there.last_number, new_key);
                }
                return std::nullopt;
            },
            [&] {
                const bool there = model.tables[at].rows.contains(key);
                EXPECT_EQ(world.update(table.name, {key}, givens).has_value(), there);
            });
    }

    void erase(std::size_t at) {
        const auto key = static_cast<std::int64_t>(1 + pick(12));
        const std::string& name = model.tables[at].name;
        both(
            "erase from " + name + " " + std::to_string(key),
            [&](Model& changed) -> std::optional<ErrorCode> {
                changed.erase(at, key);
                return std::nullopt;
            },
            [&] {
                const bool there = model.tables[at].rows.contains(key);
                EXPECT_EQ(world.erase(name, {key}), there);
            });
    }

    const std::uint64_t start = seed(7) + static_cast<std::uint64_t>(GetParam());
    std::mt19937_64 random{start};
    std::size_t step = 0;
    World world{schema, nullptr,
                GetParam() % 2 == 0 ? support::MemoryWriting::Answers::in_place
                                    : support::MemoryWriting::Answers::in_scratch};
    Model model{world.tables->definition()};
};
INSTANTIATE_TEST_SUITE_P(Seeds, ModelTest, testing::Range(0, 4));

TEST_P(ModelTest, StoreAndModelAgree) {
    std::optional<std::pair<transaction::Writing::Savepoint, Model>> kept;
    for (step = 0; step < scaled(700) && !HasFatalFailure() && !HasNonfatalFailure(); ++step) {
        const std::size_t at = pick(model.tables.size());
        switch (pick(16)) {
            case 0:
            case 1:
            case 2:
                erase(at);
                break;
            case 3:
            case 4:
            case 5:
                update(at);
                break;
            case 6:
            case 7:
                insert_or_put(at, true);
                break;
            case 8:
                if (kept) {
                    world.writing.rollback_to(kept->first);
                    model = kept->second;
                    kept.reset();
                } else {
                    kept.emplace(world.writing.savepoint(), model);
                }
                break;
            case 9:
                if (!kept) world.writing.settle();
                break;
            default:
                insert_or_put(at, false);
                break;
        }
    }
}

}  // namespace
}  // namespace amphora::relational

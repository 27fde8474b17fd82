// The engine's own tables and collections, written as the engine writes them: through the stores,
// in the same transaction as a user's rows, and without a guard.

#include "catalog/system/system_schema.hpp"
#include "stores/world.hpp"

namespace amphora::stores {
namespace {

constexpr Table consumers{"amphora.consumers"};
constexpr Collection dead_letters{"amphora.dead_letters"};

class SystemSpaces : public Shop {
  protected:
    SystemSpaces() {
        auto writing = begin();
        schema = std::make_shared<const BoundSchema>(
            catalog::apply_additive(*writing, schema->catalog(), catalog::system_definition())
                .catalog);
        commit(std::move(writing));
    }
    [[nodiscard]] std::optional<Record> consumer(const transaction::Reading& reading) const {
        Buffer scratch;
        const Cell key[]{Cell::of(std::string_view{"figures"})};
        const auto row = find(reading, *schema, consumers, key, scratch);
        return row ? std::optional{row->record()} : std::nullopt;
    }
    void put_position(transaction::Writing& writing, const std::string& position) const {
        put(writing, *schema, consumers,
            Record{{"name", "figures"}, {"position", position}, {"definition", "{}"}});
    }
};

/// A handler's effect and the consumer's position are one commit, or none.
TEST_F(SystemSpaces, APositionIsOneCommitWithWhatTookEffect) {
    auto given_up = begin();
    put_position(*given_up, "a/1/0");
    add_customer(*given_up, "nobody");
    given_up.reset();
    EXPECT_FALSE(consumer(*snapshot()));

    auto writing = begin();
    put_position(*writing, "a/2/0");
    add_customer(*writing, "kim");
    commit(std::move(writing));
    EXPECT_EQ((*consumer(*snapshot()))["position"].as<std::string>(), "a/2/0");
    EXPECT_EQ(names(*snapshot()), std::vector<std::string>{"kim"});

    writing = begin();
    const Cell key[]{Cell::of(std::string_view{"figures"})};
    EXPECT_TRUE(update(*writing, *schema, consumers, key,
                       Record{{"position", "a/3/0"}, {"state", "stopped"}}));
    commit(std::move(writing));
    EXPECT_EQ((*consumer(*snapshot()))["state"].as<std::string>(), "stopped");
    EXPECT_EQ((*consumer(*snapshot()))["attempts"].as<std::int64_t>(), 0);
}

/// The change is a document of any form within the dead letter.
TEST_F(SystemSpaces, ADeadLetterHoldsAnyChange) {
    auto writing = begin();
    Document letter{{"consumer", "figures"},
                    {"position", "a/2/0"},
                    {"at", DateTime{1'700'000'000'000'000}},
                    {"attempts", 5},
                    {"error", "no such mission"},
                    {"first_at", DateTime{1'700'000'000'000'000}}};
    // A letter that does not say whose it is would be found by nobody.
    EXPECT_EQ(code_of([&] {
                  insert(*writing, *schema, dead_letters, Document{{"error", "no such mission"}});
              }),
              ErrorCode::not_null_violation);
    letter.append("change", Document{{"op", "u"}, {"after", Document{{"any", Array{}}}}});
    insert(*writing, *schema, dead_letters, letter);
    commit(std::move(writing));
    const auto now = snapshot();
    auto found = find(*now, *schema, dead_letters,
                      document::Filter{Document::from_json(R"({"change.op": "u"})")});
    ASSERT_TRUE(found->next());
    EXPECT_EQ(*found->document().field("error")->as_text(), "no such mission");
}

}  // namespace
}  // namespace amphora::stores

// amphora consumers, dead-letters, trace and watch --as: what is known of consumers.

#include "cli/command_line_test.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>

namespace amphora {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

/// A database whose consumer counts visits, and has not been able to count number 7.
class ConsumersCommandTest : public CommandLineTest {
  protected:
    void SetUp() override {
        Database db = open();
        db.write([](Transaction& tx) { shop::add_customer(tx, "Kim"); });
        for (const int id : {6, 7, 8}) {
            db.write(
                [&](Transaction& tx) {
                    tx.insert(shop::visits, {{"_id", id}, {"customer_id", std::int64_t{1}}});
                },
                {.correlation = id == 7 ? "seven" : "other"});
        }
        run(db, true);
        db.close();
    }
    [[nodiscard]] Database open() const {
        return Database::open(directory_.path() + "/db", shop::schema);
    }
    static void run(Database& db, bool fails) {
        ConsumerOptions options;
        options.attempts_max = 2;
        options.backoff = 1ms;
        options.backoff_max = 1ms;
        const Subscription counting = db.consume(
            "counting", inserts(shop::visits),
            [fails](Transaction& tx, const Change& change) {
                if (fails && change.id().view().as_int64() == 7) {
                    throw std::runtime_error{"no seven"};
                }
                shop::add_customer(tx, to_json(change.id().view()));
            },
            options);
        ASSERT_TRUE(counting.await(db.snapshot().commit_seen(), 20s));
        while (db.consumers().at(0).set_aside > 0) std::this_thread::sleep_for(1ms);
    }
    [[nodiscard]] std::string letter() const {
        const Database db = open();
        const auto letters = db.dead_letters();
        return letters.empty() ? std::string{} : letters[0].id;
    }
    [[nodiscard]] std::size_t customers() const {
        const Database db = open();
        std::size_t count = 0;
        for ([[maybe_unused]] const RowView& row : db.snapshot().scan(shop::customers)) ++count;
        return count;
    }
};

TEST_F(ConsumersCommandTest, ListsAndShowsConsumers) {
    EXPECT_THAT(amphora("consumers db").text,
                AllOf(HasSubstr("counting"), HasSubstr("handler"), HasSubstr("no seven")));
    const Document shown = Document::from_json(amphora("consumers db show counting --json").text);
    EXPECT_EQ(shown.find("dead_letters")->as_int64(), 1);
    EXPECT_EQ(shown.find("state")->as_text(), "idle");
    EXPECT_EQ(shown.find("selections.0.collection")->as_text(), "visits");
    const Answer unknown = amphora("consumers db show nobody");
    EXPECT_EQ(unknown.code, 3);
    EXPECT_THAT(unknown.text, HasSubstr("there is no consumer nobody"));
}

TEST_F(ConsumersCommandTest, PausesResumesAndDrops) {
    EXPECT_EQ(amphora("consumers db pause counting").code, 0);
    EXPECT_THAT(amphora("consumers db list").text, HasSubstr("paused"));
    EXPECT_EQ(amphora("consumers db resume counting").code, 0);
    EXPECT_THAT(amphora("consumers db list").text, Not(HasSubstr("paused")));
    EXPECT_EQ(amphora("consumers db drop counting").code, 0);
    EXPECT_THAT(amphora("consumers db").text, Not(HasSubstr("counting")));
    EXPECT_EQ(amphora("consumers db drop counting").code, 3);
}

TEST_F(ConsumersCommandTest, HasATableReadAgain) {
    EXPECT_THAT(amphora("consumers db read-again counting visits").text,
                HasSubstr("consumers: counting: it will read visits again when it runs next"));
    EXPECT_THAT(amphora("consumers db show counting").text, HasSubstr("will read again"));
    const Document shown = Document::from_json(amphora("consumers db show counting --json").text);
    EXPECT_EQ(shown.find("read_again.0")->as_text(), "visits");
    {
        Database db = open();
        run(db, false);
    }
    EXPECT_EQ(customers(), 4u) << "visit 7, which could not be counted, was read again";
    EXPECT_THAT(amphora("consumers db show counting").text, Not(HasSubstr("read again")));
    const Answer foreign = amphora("consumers db read-again counting customers");
    EXPECT_NE(foreign.code, 0);
    EXPECT_THAT(foreign.text,
                HasSubstr("consumer counting reads no rows or documents of customers"));
    EXPECT_EQ(amphora("consumers db read-again counting").code, 2);
    EXPECT_EQ(amphora("consumers db read-again counting visits more").code, 2);
    const Database in_use = open();
    EXPECT_THAT(amphora("consumers db read-again counting visits").text, HasSubstr("in use"));
}

TEST_F(ConsumersCommandTest, AReplayedLetterTakesEffectWhenItsConsumerRuns) {
    EXPECT_EQ(customers(), 3u);
    const std::string id = letter();
    EXPECT_THAT(amphora("dead-letters db").text,
                AllOf(HasSubstr(id), HasSubstr("insert visits 7"), HasSubstr("no seven")));
    EXPECT_THAT(amphora("dead-letters db show " + id).text, HasSubstr("\"no seven\""));
    EXPECT_EQ(amphora("dead-letters db show 123").code, 1);
    EXPECT_EQ(amphora("dead-letters db replay " + id).code, 0);
    EXPECT_THAT(amphora("dead-letters db").text, HasSubstr("replaying"));
    EXPECT_EQ(amphora("dead-letters db replay " + id).code, 1);
    {
        Database db = open();
        run(db, false);
    }
    EXPECT_EQ(customers(), 4u);
    EXPECT_EQ(letter(), "");
}

TEST_F(ConsumersCommandTest, ADroppedLetterIsGone) {
    EXPECT_EQ(amphora("dead-letters db drop all").code, 0);
    EXPECT_EQ(letter(), "");
    EXPECT_EQ(amphora("dead-letters db drop all").code, 1);
}

TEST_F(ConsumersCommandTest, TraceTellsAStoryOverBothStores) {
    const Answer other = amphora("trace db other");
    EXPECT_EQ(other.code, 0);
    EXPECT_THAT(other.text, AllOf(HasSubstr("insert visits 6"), HasSubstr("insert customers"),
                                  HasSubstr("4 changes")));
    EXPECT_THAT(other.text, Not(HasSubstr("visits 7")));
    EXPECT_THAT(amphora("trace db seven").text,
                AllOf(HasSubstr("insert visits 7"), HasSubstr("dead letter " + letter()),
                      HasSubstr("no seven")));
    EXPECT_EQ(amphora("trace db nothing").code, 1);
}

TEST_F(ConsumersCommandTest, AWatchingReaderContinues) {
    EXPECT_THAT(amphora("watch db visits --as printer").text,
                AllOf(HasSubstr("visits 6"), HasSubstr("visits 8")));
    EXPECT_EQ(amphora("watch db visits --as printer").text, "");
    {
        Database db = open();
        db.write([&](Transaction& tx) {
            tx.insert(shop::visits, {{"_id", 9}, {"customer_id", std::int64_t{1}}});
        });
    }
    // What could not be printed is printed again.
    EXPECT_NE(shell(std::string{AMPHORA_CLI} + " watch db visits --as printer > /dev/full").code,
              0);
    EXPECT_THAT(amphora("watch db visits --as printer").text, HasSubstr("visits 9"));
    EXPECT_THAT(amphora("consumers db").text, AllOf(HasSubstr("printer"), HasSubstr("reader")));
}

TEST_F(ConsumersCommandTest, ADatabaseThatIsInUseSaysSo) {
    const Database db = open();
    EXPECT_EQ(amphora("consumers db").code, 0);
    EXPECT_EQ(amphora("dead-letters db").code, 0);
    for (const char* words :
         {"consumers db pause counting", "dead-letters db replay all", "watch db --as printer"}) {
        const Answer answer = amphora(words);
        EXPECT_EQ(answer.code, 3) << words;
        EXPECT_THAT(answer.text, HasSubstr("in use")) << words;
    }
}

TEST_F(ConsumersCommandTest, WrongWordsAreAnsweredWithUsage) {
    for (const char* words :
         {"consumers", "consumers db stop counting", "consumers db show", "consumers db show a b",
          "dead-letters db retry x", "dead-letters db replay", "trace db", "watch db --as ''"}) {
        EXPECT_EQ(amphora(words).code, 2) << words;
    }
}

}  // namespace
}  // namespace amphora

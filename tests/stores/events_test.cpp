// Events of a transaction.

#include "stores/world.hpp"
#include "support/memory_writing.hpp"

namespace amphora::stores {

namespace {

/// An event is topic and payload, as one document.
TEST(Events, AreTopicAndPayload) {
    support::MemoryWriting writing;
    publish(writing, "customer.added", Document{{"customer", 7}});
    ASSERT_EQ(writing.events.size(), 1U);
    EXPECT_EQ(to_json(DocumentView{writing.events[0]}),
              R"({"topic": "customer.added", "payload": {"customer": 7}})");
}

/// `amphora::now` becomes the moment of the transaction, at any depth, so that an event and the
/// rows of its commit say the same. A date has milliseconds: the moment is rounded down.
TEST(Events, HaveTheMomentOfTheTransactionForNow) {
    support::MemoryWriting writing;
    writing.now = 1'700'000'000'123'999;
    publish(writing, "customer.added", Document{{"at", now}, {"in", Document{{"it", now}}}});
    ASSERT_EQ(writing.events.size(), 1U);
    const DocumentView event{writing.events[0]};
    EXPECT_EQ(event.find("payload.at")->as_date_ms(), 1'700'000'000'123);
    EXPECT_EQ(event.find("payload.in.it")->as_date_ms(), 1'700'000'000'123);
}

TEST(Events, NeedATopic) {
    support::MemoryWriting writing;
    EXPECT_EQ(code_of([&] { publish(writing, "", Document{}); }), ErrorCode::invalid_argument);
    EXPECT_TRUE(writing.events.empty());
}

}  // namespace

}  // namespace amphora::stores

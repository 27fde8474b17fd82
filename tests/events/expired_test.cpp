#include "support/scratch_directory.hpp"

#include <amphora/amphora.hpp>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace amphora {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

constexpr Schema schema{"codes", R"sql(
CREATE COLLECTION codes (until DATETIME) WITH (expire_by = 'until', before = TRUE);
)sql"};
constexpr Collection codes{"codes"};

/// Readers of the feed can tell what the engine has removed because of its age from what somebody
/// has erased: in C++ and in each form.
TEST(ExpiredDocuments, AreMarkedInTheFeed) {
    const support::ScratchDirectory directory;
    Database db = Database::open(directory.path() + "/db", schema);
    const DateTime long_ago{1'600'000'000'000'000};
    db.write([&](Transaction& tx) {
        tx.insert(codes, {{"_id", 1}, {"until", long_ago}});
        tx.insert(codes, {{"_id", 2}, {"until", long_ago}});
    });
    Feed feed = db.feed({.start = FeedStart::end});
    db.write([](Transaction& tx) { tx.erase(codes, Id{1}); }, {.origin = "amphora"});
    EXPECT_EQ(db.expire_now(), 1u);

    const PlainForm plain{db};
    const CloudEventsForm cloud{db};
    DebeziumForm debezium{db};
    for (const bool is_expired : {false, true}) {
        const Change* const change = feed.next(10s);
        ASSERT_NE(change, nullptr);
        EXPECT_EQ(change->kind(), ChangeKind::erase);
        EXPECT_EQ(change->is_expired(), is_expired);
        EXPECT_EQ(change->origin(), is_expired ? "amphora.retain" : "amphora");
        EXPECT_TRUE(change->document_before());
        std::vector<json::object> places{json::parse(plain.line(*change)).as_object(),
                                         json::parse(cloud.line(*change)).as_object()};
        for (const DebeziumMessage& message : debezium.messages(*change)) {
            const json::value content = json::parse(message.value);
            if (!content.is_object() || !content.as_object().contains("source")) continue;
            places.push_back(content.at("source").as_object());
        }
        ASSERT_EQ(places.size(), 3u);
        for (const json::object& place : places) {
            EXPECT_EQ(place.contains("expired"), is_expired) << json::serialize(place);
            if (is_expired) {
                EXPECT_EQ(place.at("expired"), json::value(true));
            }
        }
    }
}

}  // namespace
}  // namespace amphora

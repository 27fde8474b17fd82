// The public range of documents shows what anything produces, not only what a find gives.

#include "database/document_cursor.hpp"
#include "database/shop.hpp"
#include "document/query/document_window.hpp"
#include "support/counting_source.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <utility>
#include <vector>

namespace amphora::shop {

namespace {

using support::CountingSource;
using testing::ElementsAre;

/// A range over a source, as the function of a reader makes it that is not a find.
template <class Handle>
class RangesOf : public Handle {
  public:
    explicit RangesOf(Handle handle) : Handle{std::move(handle)} {}
    [[nodiscard]] Documents range(std::unique_ptr<document::DocumentSource> source) const {
        return Handle::range_of(
            std::make_shared<detail::DocumentCursor>(Handle::state_, std::move(source)));
    }
};

std::vector<int> numbers(Documents range) {
    std::vector<int> all;
    for (const DocumentView document : range) all.push_back(*document.field("n")->as_int32());
    return all;
}

/// A view or a pipeline makes documents that are stored nowhere. Callers walk them as they walk
/// those of a find.
TEST(DocumentRange, ShowsDocumentsThatAreNotStored) {
    const Database db = Database::temporary(schema);
    const RangesOf<Snapshot> snapshot{db.snapshot()};
    EXPECT_THAT(numbers(snapshot.range(std::make_unique<CountingSource>(3))), ElementsAre(1, 2, 3));
    EXPECT_THAT(numbers(snapshot.range(std::make_unique<document::DocumentWindow>(
                    std::make_unique<CountingSource>(9), FindOptions{.skip = 2, .limit = 3}))),
                ElementsAre(3, 4, 5));
    Documents once = snapshot.range(std::make_unique<CountingSource>(3));
    EXPECT_EQ(once.explain(), "counts to 3");
    EXPECT_EQ(count(once), 3U);
    EXPECT_EQ(code_of([&] { return once.begin(); }), ErrorCode::invalid_argument);
}

/// The source may read from the transaction, so it is not asked after the transaction has ended.
TEST(DocumentRange, EndsWithItsTransaction) {
    Database db = Database::temporary(schema);
    RangesOf<Transaction> tx{db.begin()};
    auto owned = std::make_unique<CountingSource>(3);
    const CountingSource& source = *owned;
    Documents range = tx.range(std::move(owned));
    auto at = range.begin();
    tx.rollback();
    EXPECT_EQ(code_of([&] { ++at; }), ErrorCode::transaction_closed);
    EXPECT_EQ(source.asked, 1U);
}

/// Skip and limit of the public interface count the documents that a filter selects.
TEST(DocumentRange, OfAFindHasAPlaceAndALength) {
    Database db = Database::temporary(schema);
    db.write([](Transaction& tx) {
        const std::int64_t kim = add_customer(tx, "kim");
        for (int n = 1; n <= 6; ++n) {
            tx.insert(visits, {{"_id", n}, {"customer_id", kim}, {"n", n}});
        }
    });
    const Snapshot snapshot = db.snapshot();
    const auto found = [&](const FindOptions& options) {
        return numbers(snapshot.find(visits, R"({"n": {"$ne": 3}})", options));
    };
    EXPECT_THAT(found({}), ElementsAre(1, 2, 4, 5, 6));
    EXPECT_THAT(found({.skip = 1, .limit = 2}), ElementsAre(2, 4));
    EXPECT_THAT(found({.direction = Direction::backward, .skip = 2, .limit = 2}),
                ElementsAre(4, 2));
    EXPECT_THAT(found({.skip = 5}), ElementsAre());
}

}  // namespace

}  // namespace amphora::shop

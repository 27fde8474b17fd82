// Documents come from anything that produces them, and are walked alike.

#include "document/query/document_scan.hpp"
#include "document/query/document_window.hpp"
#include "document/world.hpp"
#include "support/counting_source.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace amphora::document {

namespace {

using support::CountingSource;
using testing::ElementsAre;

/// The numbers of all documents, and that the end stays the end.
std::vector<int> numbers(DocumentSource& source) {
    std::vector<int> all;
    while (source.next()) all.push_back(*source.document().field("n")->as_int32());
    EXPECT_FALSE(source.next());
    return all;
}

std::vector<int> window_of(int last, const FindOptions& options) {
    DocumentWindow window{std::make_unique<CountingSource>(last), options};
    return numbers(window);
}

/// A find is one of the sources: its documents are those of the tree.
TEST(DocumentSource, MayBeAFind) {
    World world{"CREATE COLLECTION things (n INT);"};
    for (const char* thing : {"{'n': 1}", "{'n': 2}", "{'n': 3}"}) world.insert("things", thing);
    DocumentScan found =
        find(world.writing, world.at("things"), Filter{json("{'n': {'$gte': 2}}")});
    DocumentSource& source = found;
    EXPECT_EQ(source.explain(), "things: documents by _id; the filter is checked on each document");
    EXPECT_THAT(numbers(source), ElementsAre(2, 3));
}

/// A stage of a pipeline makes documents out of those of another source, and keeps none.
class Doubled final : public DocumentSource {
  public:
    explicit Doubled(std::unique_ptr<DocumentSource> source) : source_{std::move(source)} {}
    [[nodiscard]] bool next() override {
        if (!source_->next()) return false;
        current_ = Document{{"n", 2 * *source_->document().field("n")->as_int32()}};
        return true;
    }
    [[nodiscard]] DocumentView document() const override { return current_.view(); }
    [[nodiscard]] std::string explain() const override { return source_->explain() + ", doubled"; }

  private:
    std::unique_ptr<DocumentSource> source_;
    Document current_;
};

TEST(DocumentSource, MayBeAStageAfterAnother) {
    DocumentWindow window{std::make_unique<Doubled>(std::make_unique<CountingSource>(5)),
                          {.skip = 1, .limit = 3}};
    EXPECT_EQ(window.explain(), "counts to 5, doubled");
    EXPECT_THAT(numbers(window), ElementsAre(4, 6, 8));
}

/// A window leaves out the first documents and ends after the last that is wanted, whatever the
/// source.
TEST(DocumentSource, IsSeenThroughAWindow) {
    EXPECT_THAT(window_of(4, {}), ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(window_of(4, {.skip = 1}), ElementsAre(2, 3, 4));
    EXPECT_THAT(window_of(4, {.limit = 2}), ElementsAre(1, 2));
    EXPECT_THAT(window_of(4, {.skip = 3, .limit = 2}), ElementsAre(4));
    EXPECT_THAT(window_of(4, {.skip = 4}), ElementsAre());
    EXPECT_THAT(window_of(4, {.skip = SIZE_MAX, .limit = SIZE_MAX}), ElementsAre());
    EXPECT_THAT(window_of(4, {.limit = 0}), ElementsAre());
    EXPECT_THAT(window_of(0, {.skip = 1}), ElementsAre());
}

/// To find the next document may take a walk through all the rest. A window that is full asks for
/// none.
TEST(DocumentSource, IsNotAskedForMoreThanTheWindowShows) {
    auto owned = std::make_unique<CountingSource>(1000);
    const CountingSource& source = *owned;
    DocumentWindow window{std::move(owned), {.skip = 2, .limit = 3}};
    EXPECT_EQ(source.asked, 0U);
    EXPECT_THAT(numbers(window), ElementsAre(3, 4, 5));
    EXPECT_EQ(source.asked, 5U);
}

}  // namespace

}  // namespace amphora::document

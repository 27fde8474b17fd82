#include "document/random_documents.hpp"
#include "document/world.hpp"

#include "codec/bson/order.hpp"
#include "document/index/entries.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <set>

namespace amphora::document {

namespace {

constexpr std::string_view schema = R"sql(
CREATE COLLECTION things (n BIGINT);
CREATE INDEX by_a ON things (a);
CREATE INDEX by_n_b ON things (n, b);
CREATE INDEX by_pair ON things (a.x, a.y);
CREATE INDEX by_place ON things ("a.0.x", c);
CREATE INDEX by_deep ON things (a.x.y);
CREATE UNIQUE INDEX by_u ON things (u, n);
)sql";

/// The collection, and all documents in a map, which is all that a collection promises to be. A
/// find through indexes must give what a walk over all documents gives.
class DocumentModelTest : public testing::TestWithParam<support::MemoryWriting::Answers> {
  protected:
    using Documents = std::map<std::int32_t, Document>;

    void step() {
        switch (documents_.below(10)) {
            case 0:
            case 1:
            case 2:
                put();
                break;
            case 3:
            case 4:
                update();
                break;
            case 5:
                erase();
                break;
            default:
                find();
                break;
        }
    }

    /// Runs a statement; it may refuse, but then it has changed nothing.
    template <class Body>
    bool runs(Body&& statement) {
        const auto before = world_.contents();
        try {
            statement();
            return true;
        } catch (const Error& error) {
            EXPECT_TRUE(error.code() == ErrorCode::duplicate_key ||
                        error.code() == ErrorCode::type_mismatch ||
                        error.code() == ErrorCode::invalid_argument)
                << error.what();
            EXPECT_EQ(world_.contents(), before) << error.what();
            if (error.code() == ErrorCode::duplicate_key) ++duplicates_;
            return false;
        }
    }

    void put() {
        const auto id = static_cast<std::int32_t>(documents_.below(60));
        Document document{{"_id", id}};
        for (const Element& field : documents_.document()) {
            document.append(field.name, BsonValue{field.value});
        }
        const bool put = documents_.below(2) == 0;
        if (runs([&] {
                put ? document::put(world_.writing, things(), document)
                    : document::insert(world_.writing, things(), document);
            })) {
            EXPECT_TRUE(put || !model_.contains(id)) << "inserted a second document " << id;
            model_.insert_or_assign(id, stored(id));
        } else if (put) {
            EXPECT_TRUE(is_refused_rightly(id, document));
        }
    }

    /// Some index cannot hold the document together with the others.
    bool is_refused_rightly(std::int32_t id, const Document& document) {
        for (const BoundIndex& index : things().indexes()) {
            try {
                const auto wanted = index_entries(things(), index, document).keys;
                if (!index.unique()) continue;
                for (const auto& [other_id, other] : model_) {
                    if (other_id == id) continue;
                    for (const Buffer& key : index_entries(things(), index, other).keys) {
                        if (std::ranges::binary_search(wanted, key)) return true;
                    }
                }
            } catch (const Error&) {
                return true;
            }
        }
        return false;
    }

    void update() {
        const Filter filter{documents_.filter()};
        const Document text = documents_.update();
        const Update update{text};
        if (update.is_replacement()) return replace(update);
        std::uint64_t count = 0;
        if (!runs([&] { count = document::update(world_.writing, things(), filter, update); })) {
            return;
        }
        std::uint64_t expected = 0;
        for (auto& [id, document] : model_) {
            if (!filter.matches(document)) continue;
            ++expected;
            // A declared number is stored as int64, whatever the update has written.
            const Document after = update.apply(document, 0);
            document = stored(id);
            EXPECT_EQ(codec::compare(after.view(), document.view()), std::weak_ordering::equivalent)
                << to_json(text) << " gave " << to_json(document);
        }
        EXPECT_EQ(count, expected) << to_json(filter.text());
    }

    /// A document without operators takes the place of one document.
    void replace(const Update& update) {
        const auto id = static_cast<std::int32_t>(documents_.below(60));
        bool found = false;
        if (!runs([&] {
                found = document::update(world_.writing, things(), BsonValue{id}, update);
            })) {
            return;
        }
        EXPECT_EQ(found, model_.contains(id));
        if (!found) return;
        const Document after = update.apply(model_.at(id), 0);
        model_.at(id) = stored(id);
        EXPECT_EQ(codec::compare(after.view(), model_.at(id).view()),
                  std::weak_ordering::equivalent)
            << to_json(after) << " gave " << to_json(model_.at(id));
    }

    void erase() {
        const Filter filter{documents_.filter()};
        const std::uint64_t count = document::erase(world_.writing, things(), filter, Extent::all);
        EXPECT_EQ(
            count,
            std::erase_if(model_, [&](const auto& entry) { return filter.matches(entry.second); }))
            << to_json(filter.text());
    }

    void find() {
        const Filter filter{documents_.filter()};
        const Direction direction =
            documents_.below(2) == 0 ? Direction::forward : Direction::backward;
        DocumentScan found = document::find(world_.writing, things(), filter, direction);
        explained_.insert(found.explain().substr(0, found.explain().find(',')));
        std::map<std::int32_t, std::string> seen;
        while (found.next()) {
            const std::int32_t id = *found.document().field("_id")->as_int32();
            EXPECT_TRUE(seen.emplace(id, found.document().bytes()).second)
                << "document " << id << " came twice; " << found.explain();
        }
        std::map<std::int32_t, std::string> expected;
        for (const auto& [id, document] : model_) {
            if (filter.matches(document)) expected.emplace(id, document.bytes());
        }
        EXPECT_EQ(seen, expected) << to_json(filter.text()) << "\n" << found.explain();
        matched_ += expected.size();
    }

    Document stored(std::int32_t id) {
        Buffer scratch;
        return Document{document::find(world_.writing, things(), BsonValue{id}, scratch).value()};
    }
    [[nodiscard]] const BoundCollection& things() const { return world_.at("things"); }

    support::Random random_;
    RandomDocuments documents_{random_};
    World world_{schema, GetParam()};
    Documents model_;
    std::uint64_t matched_ = 0;
    std::uint64_t duplicates_ = 0;
    std::set<std::string> explained_;
};

TEST_P(DocumentModelTest, FindsThroughIndexesWhatALookAtEverythingFinds) {
    SCOPED_TRACE(random_.seed_text());
    const auto end =
        std::chrono::steady_clock::now() + std::chrono::seconds{3} * support::test_scale();
    int steps = 0;
    for (; std::chrono::steady_clock::now() < end && !HasFailure(); ++steps) {
        const bool undo = documents_.below(20) == 0;
        const Documents before = model_;
        const auto savepoint = world_.writing.savepoint();
        step();
        if (undo) {
            world_.writing.rollback_to(savepoint);
            model_ = before;
        }
        if (steps % 64 == 0) {
            const auto findings = world_.findings();
            ASSERT_TRUE(findings.empty()) << findings.front();
            world_.writing.settle();
        }
    }
    // The walk must have been through every index, and must have met something.
    EXPECT_GE(explained_.size(), 6u) << testing::PrintToString(explained_);
    EXPECT_GT(matched_, 0u);
    EXPECT_GT(duplicates_, 0u);
    RecordProperty("steps", steps);
}

INSTANTIATE_TEST_SUITE_P(Answers, DocumentModelTest,
                         testing::Values(support::MemoryWriting::Answers::in_place,
                                         support::MemoryWriting::Answers::in_scratch),
                         [](const auto& instance) {
                             return instance.param == support::MemoryWriting::Answers::in_place
                                        ? "InPlace"
                                        : "InScratch";
                         });

}  // namespace

}  // namespace amphora::document

// An observed query whose reading fails: when it is tried again.

#include "database/observers/observed_query.hpp"
#include "support/comes_true.hpp"
#include "support/engine_vessel.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace amphora::detail {
namespace {

using std::chrono_literals::operator""ms;
using support::comes_true;
using testing::ElementsAre;

class ObservedQueryTest : public testing::Test {
  protected:
    /// A query whose reading throws `error` as long as `fails_`.
    [[nodiscard]] ObservedSource source(ErrorCode error) {
        return {.name = "users",
                .space = space_,
                .read =
                    [this, error](const transaction::Reading&, const ObservedSource::Take& take) {
                        ++reads_;
                        if (fails_) throw Error{error, "failed"};
                        take("key", "state");
                    },
                .tell =
                    [this](const Differences<Bytes>& differences) {
                        if (differences.error) errors_.push_back(differences.error->code());
                        added_ += differences.added.size();
                    }};
    }
    /// Tells again and again for so long; returns how often the query was run.
    int reads_within(ObservedQuery& query, std::chrono::milliseconds time) {
        const int before = reads_;
        const auto end = std::chrono::steady_clock::now() + time;
        while (std::chrono::steady_clock::now() < end) query.tell();
        return reads_ - before;
    }

    static constexpr SpaceId space_{7};
    support::EngineVessel vessel_;
    bool fails_ = true;
    int reads_ = 0;
    std::size_t added_ = 0;
    std::vector<ErrorCode> errors_;
};

TEST_F(ObservedQueryTest, AnErrorThatPassesNeedsNoCommitToPass) {
    ObservedQuery query{*vessel_.engine, source(ErrorCode::io_error), {}};
    query.tell();
    EXPECT_THAT(errors_, ElementsAre(ErrorCode::io_error));
    EXPECT_LE(reads_within(query, 250ms), 3) << "no busy loop";
    ASSERT_TRUE(query.put_off_until_ms()) << "it is tried again without a commit";

    fails_ = false;
    EXPECT_TRUE(comes_true([&] {
        query.tell();
        return added_ == 1;
    }));
    EXPECT_THAT(errors_, ElementsAre(ErrorCode::io_error)) << "told once";
    EXPECT_FALSE(query.put_off_until_ms());
}

TEST_F(ObservedQueryTest, AResultThatIsTooLargeIsReadAgainAfterACommitOnly) {
    ObservedQuery query{*vessel_.engine, source(ErrorCode::result_too_large), {}};
    query.tell();
    EXPECT_EQ(reads_within(query, 250ms), 0);
    EXPECT_FALSE(query.put_off_until_ms());

    fails_ = false;
    const std::vector<SpaceId> changed{space_};
    EXPECT_TRUE(query.note({}, changed));
    EXPECT_TRUE(comes_true([&] {
        query.tell();
        return added_ == 1;
    }));
}

}  // namespace
}  // namespace amphora::detail

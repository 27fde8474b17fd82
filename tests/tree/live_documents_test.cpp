// The document tree, opened while another opening writes it.

#include "support/code_of.hpp"
#include "tree/scratch.hpp"
#include "tree/trees.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace amphora::tree::testing {
namespace {

constexpr std::uint64_t seed = 20261201;

class LiveDocuments : public ::testing::Test {
  protected:
    LiveDocuments() : owner_{open(OpenMode::create)} {}

    [[nodiscard]] std::unique_ptr<Tree> open(OpenMode mode) const {
        return open_tree(Kind::rocks, scratch_ / "tree", mode);
    }
    /// Files may vanish while they are opened: then it is tried again.
    [[nodiscard]] std::unique_ptr<Tree> open_live() const {
        for (int attempt = 0;; ++attempt) {
            try {
                return open(OpenMode::live);
            } catch (const Error& error) {
                const bool may_pass =
                    error.code() == ErrorCode::corrupt || error.code() == ErrorCode::io_error;
                if (!may_pass || attempt == 100) throw;
            }
        }
    }
    void deliver_up_to(std::uint64_t last) {
        while (delivered_ < last) {
            const Batch batch = random_batch(seed, ++delivered_);
            apply(*owner_, batch, delivered_);
        }
    }
    [[nodiscard]] static Model model_of(std::uint64_t sequence) {
        Model model;
        for (std::uint64_t each = 1; each <= sequence; ++each) {
            random_batch(seed, each).fold_into(model);
        }
        return model;
    }

    ScratchDirectory scratch_;
    std::unique_ptr<Tree> owner_;
    std::uint64_t delivered_ = 0;
};

TEST_F(LiveDocuments, ShowsWhatTheTableFilesHaveAndKeepsShowingIt) {
    deliver_up_to(50);
    owner_->hold();
    const auto first = open_live();
    EXPECT_EQ(first->delivered(), mark_at(50));

    deliver_up_to(300);
    owner_->hold();
    owner_->compact();  // removes the files that `first` has open
    const auto second = open_live();
    EXPECT_EQ(second->delivered(), mark_at(300));
    EXPECT_EQ(contents(*first->view()), model_of(50));
    EXPECT_EQ(contents(*second->view()), model_of(300));
    EXPECT_TRUE(check(*first).empty());
    EXPECT_EQ(contents(*owner_->view()), model_of(300));
}

TEST_F(LiveDocuments, IsAPrefixAtEveryMomentOfFlushesAndCompactions) {
    std::atomic<bool> begun{false};
    std::atomic<bool> ends{false};
    // Only one thread delivers.
    std::jthread writer{[&] {
        deliver_up_to(5);
        owner_->hold();
        begun = true;
        begun.notify_all();
        while (!ends && delivered_ < 600) deliver_up_to(delivered_ + 1);
        ends = true;
    }};
    begun.wait(false);
    Sequence last{};
    int looks = 0;
    do {
        const auto live = open_live();
        const Sequence seen = live->delivered().sequence;
        EXPECT_GE(seen, last);
        EXPECT_EQ(contents(*live->view()), model_of(number(seen)));
        last = seen;
        ++looks;
    } while (looks < 5 || (!ends && looks < 60));
    ends = true;
}

TEST_F(LiveDocuments, ChangesNothing) {
    deliver_up_to(20);
    owner_->hold();
    owner_.reset();
    const auto live = open_live();
    live->hold();
    live->compact();
    EXPECT_EQ(contents(*live->view()), model_of(20));
    owner_ = open(OpenMode::read_write);
    deliver_up_to(40);
    EXPECT_EQ(contents(*owner_->view()), model_of(40));
}

}  // namespace
}  // namespace amphora::tree::testing

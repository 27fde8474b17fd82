// The size of a small database on the disk, in blocks, as `du` counts them.

#include "database/shop.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>

namespace amphora::shop {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kib = 1u << 10;

struct Sizes {
    std::uint64_t all = 0;
    std::uint64_t journal = 0;
};

/// 0 for a file that was removed meanwhile.
std::uint64_t blocks_of(const fs::path& path) {
    struct stat about {};
    constexpr std::uint64_t stat_block_bytes = 512;
    if (::lstat(path.c_str(), &about) != 0) return 0;
    return static_cast<std::uint64_t>(about.st_blocks) * stat_block_bytes;
}

Sizes sizes_of(const std::string& database) {
    Sizes sizes{.all = blocks_of(database)};
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator{database, ignored}) {
        const std::uint64_t bytes = blocks_of(entry.path());
        sizes.all += bytes;
        if (entry.path().parent_path().filename() == "journal") sizes.journal += bytes;
    }
    return sizes;
}

struct Limits {
    const char* name;
    Profile profile;
    std::uint64_t empty;  ///< bytes of a database without rows
    std::uint64_t small;  ///< with a hundred customers and their visits
    std::uint64_t journal_if_small;
};

class SizesTest : public testing::TestWithParam<Limits> {
  protected:
    Database open() const {
        Options options;
        options.profile = GetParam().profile;
        return Database::open(directory_.database(), schema, options);
    }
    /// Prints a row of the table in the README.
    Sizes measure(const char* moment) const {
        const Sizes sizes = sizes_of(directory_.database());
        std::printf("| %-7s | %-20s | %5llu KiB | %5llu KiB |\n", GetParam().name, moment,
                    static_cast<unsigned long long>(sizes.all / kib),
                    static_cast<unsigned long long>(sizes.journal / kib));
        return sizes;
    }
    /// Waits until the background work after an opening or a commit is done and the sizes are
    /// stable.
    Sizes settle() const {
        Sizes last = sizes_of(directory_.database());
        for (int quiet = 0; quiet < 5;) {
            std::this_thread::sleep_for(std::chrono::milliseconds{100});
            const Sizes now = sizes_of(directory_.database());
            quiet = now.all == last.all ? quiet + 1 : 0;
            last = now;
        }
        return last;
    }

    const Directory directory_;
};

/// An empty database once used 18 MB, and a journal of 128 MB was prepared after a few commits.
TEST_P(SizesTest, ASmallDatabaseIsSmallOnTheDisk) {
    {
        Database db = open();
        static_cast<void>(settle());
        EXPECT_LT(measure("empty, open").all, GetParam().empty);
        db.close();
    }
    EXPECT_LT(measure("empty, closed").all, GetParam().empty);
    {
        Database db = open();
        for (int i = 0; i < 100; ++i) {
            db.write([&](Transaction& tx) {
                const std::int64_t id = add_customer(tx, "customer " + std::to_string(i));
                tx.insert(visits, {{"customer_id", id}});
            });
        }
        static_cast<void>(settle());
        const Sizes sizes = measure("100 commits, open");
        EXPECT_LT(sizes.all, GetParam().small);
        EXPECT_LT(sizes.journal, GetParam().journal_if_small);
        db.close();
    }
    const Sizes sizes = measure("100 commits, closed");
    EXPECT_LT(sizes.all, GetParam().small);
    EXPECT_LT(sizes.journal, GetParam().journal_if_small);
}

INSTANTIATE_TEST_SUITE_P(
    Profiles, SizesTest,
    testing::Values(Limits{"edge", Profile::edge, 1024 * kib, 3072 * kib, 2048 * kib},
                    Limits{"desktop", Profile::desktop, 4096 * kib, 8192 * kib, 4096 * kib}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace amphora::shop

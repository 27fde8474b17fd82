// RocksDB is not written for memory that runs out: after that it is left as it is.

#include "tree/rocks/database/opened_database.hpp"
#include "tree/tree_fixture.hpp"

#include <new>

namespace amphora::tree::testing {
namespace {

[[nodiscard]] std::shared_ptr<rocks::OpenedDatabase> open(const std::string& directory) {
    return rocks::OpenedDatabase::open(directory, OpenMode::read_write,
                                       rocks::rocks_profile(rocks::RocksProfile::edge));
}

/// 0 if every call ended as it must; otherwise the number of the call that did not.
int leave_and_come_again(const std::string& directory) {
    auto database = open(directory);
    const auto call = [&](bool has_memory) {
        return code_of([&] {
            return database->inside([&](rocksdb::DB&) {
                if (!has_memory) throw std::bad_alloc{};
                return 0;
            });
        });
    };
    if (call(true) != std::nullopt) return 1;
    if (call(false) != ErrorCode::needs_reopen) return 2;
    if (call(true) != ErrorCode::needs_reopen) return 3;
    database.reset();
    try {
        static_cast<void>(open(directory));
    } catch (const Error& error) {
        const std::string what = error.what();
        const bool says_what_to_do = what.find("end this process") != std::string::npos;
        return error.code() == ErrorCode::needs_reopen && says_what_to_do ? 0 : 4;
    }
    return 5;
}

/// Its locks may be taken and its threads at work, so it is neither called nor closed any more, and
/// keeps its place: a second opening would be two writers. An attempt is told that this process
/// cannot open it, and the next process has everything.
TEST(LeftDatabase, KeepsItsPlaceUntilTheProcessEnds) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const ScratchDirectory scratch;
    const std::string directory = scratch / "tree";
    const auto is_open = [&] {
        return open_tree(Kind::rocks, directory, OpenMode::read_write) != nullptr;
    };
    open_tree(Kind::rocks, directory, OpenMode::create).reset();
    EXPECT_EXIT(std::_Exit(leave_and_come_again(directory)), ::testing::ExitedWithCode(0), "");
    EXPECT_TRUE(is_open());
}

}  // namespace
}  // namespace amphora::tree::testing

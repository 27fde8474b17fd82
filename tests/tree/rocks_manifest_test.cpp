#include "tree/tree_fixture.hpp"

#include <gmock/gmock.h>

#include <fstream>

namespace amphora::tree::testing {
namespace {

using ::testing::HasSubstr;

/// RocksDB's blocks have checksums, and so have the records of its MANIFEST, which lists the table
/// files. RocksDB skips zeros there without an error, because a crash can leave them in a mapped
/// file. It does not skip a record in which zeros begin or end.
class RocksManifest : public ::testing::Test {
  protected:
    [[nodiscard]] std::string directory() const { return scratch / "tree"; }
    [[nodiscard]] std::string manifest() const {
        for (const auto& entry : std::filesystem::directory_iterator(directory())) {
            if (entry.path().filename().string().starts_with("MANIFEST")) return entry.path();
        }
        return "";
    }

    ScratchDirectory scratch;
};

/// A block of zeros in the list of table files would hide files, and the documents in them, without
/// an error.
TEST_F(RocksManifest, ZerosInTheListOfTablesAreDamage) {
    Model model;
    {
        const auto tree = open_tree(Kind::rocks, directory(), OpenMode::create);
        for (std::uint64_t sequence = 1; sequence <= 120; ++sequence) {
            const Batch batch = random_batch(3, sequence, 3);
            apply(*tree, batch, sequence);
            batch.fold_into(model);
            tree->hold();
        }
    }
    const std::string path = manifest();
    std::string bytes = read_whole(path);
    ASSERT_GT(bytes.size(), 8192u);
    bytes.replace(4096, 4096, 4096, '\0');
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    for (const OpenMode mode : {OpenMode::read_only, OpenMode::read_write}) {
        try {
            const auto tree = open_tree(Kind::rocks, directory(), mode);
            ADD_FAILURE() << "opened; holds " << contents(*tree->view()).size() << " of "
                          << model.size();
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::corrupt);
            EXPECT_THAT(error.what(), HasSubstr("MANIFEST"));
        }
    }
}

}  // namespace
}  // namespace amphora::tree::testing

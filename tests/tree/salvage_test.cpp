#include "tree/rocks/salvage.hpp"
#include "tree/tree_fixture.hpp"

#include <gmock/gmock.h>

#include <fstream>

namespace amphora::tree::testing {
namespace {

using ::testing::HasSubstr;

class Salvage : public ::testing::Test {
  protected:
    [[nodiscard]] std::string directory() const { return scratch / "tree"; }
    void fill(Kind kind) {
        const auto tree = open_tree(kind, directory(), OpenMode::create);
        Batch batch;
        for (int i = 1000; i < 3000; ++i) {
            batch.put(key_in(20, std::to_string(i)), "value of " + std::to_string(i));
        }
        apply(*tree, batch, 1);
        batch.fold_into(model);
        tree->hold();
    }
    [[nodiscard]] std::string largest_table() const {
        std::string largest;
        for (const auto& entry : std::filesystem::directory_iterator(directory())) {
            if (entry.path().extension() != ".sst") continue;
            if (largest.empty() || entry.file_size() > std::filesystem::file_size(largest)) {
                largest = entry.path();
            }
        }
        return largest;
    }
    static void flip(const std::string& path, std::size_t offset) {
        std::string bytes = read_whole(path);
        bytes.at(offset) ^= 1;
        std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    }

    ScratchDirectory scratch;
    Model model;
};

/// A block of a table file does not verify: what lies behind it is read, and nothing that is read
/// is another than was written.
TEST_F(Salvage, ADamagedBlockCostsOnlyItsOwnDocuments) {
    fill(Kind::rocks);
    const std::string table = largest_table();
    flip(table, 100);
    Model found;
    const rocks::Salvaged salvaged =
        rocks::salvage(directory(), scratch / "scratch", restless_rocks(),
                       [&](Bytes key, Bytes value) { found.emplace(key, value); });
    EXPECT_THAT(salvaged.losses, ::testing::Contains(HasSubstr("documents between the keys")));
    EXPECT_GT(found.size(), model.size() / 2);
    EXPECT_LT(found.size(), model.size());
    for (const auto& [key, value] : found) EXPECT_EQ(model.at(key), value);
}

}  // namespace
}  // namespace amphora::tree::testing

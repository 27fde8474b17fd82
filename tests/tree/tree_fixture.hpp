#pragma once

#include "support/code_of.hpp"
#include "tree/scratch.hpp"
#include "tree/trees.hpp"

#include <amphora/error.hpp>

#include <gtest/gtest.h>

namespace amphora::tree::testing {

class TreeTest : public ::testing::TestWithParam<Kind> {
  protected:
    explicit TreeTest(Scratch where = Scratch::memory) : scratch{where} {}
    void create() { tree = open_tree(GetParam(), directory(), OpenMode::create); }
    void reopen(OpenMode mode = OpenMode::read_write) {
        tree.reset();
        tree = open_tree(GetParam(), directory(), mode);
    }
    [[nodiscard]] std::string directory() const { return scratch / "tree"; }

    ScratchDirectory scratch;
    std::unique_ptr<Tree> tree;
};

inline std::string kind_name(const ::testing::TestParamInfo<Kind>& parameter) {
    return std::string(to_string(parameter.param));
}
#define AMPHORA_FOR_BOTH_TREES(test) \
    INSTANTIATE_TEST_SUITE_P(Both, test, ::testing::Values(Kind::lmdb, Kind::rocks), kind_name)

using support::code_of;
}  // namespace amphora::tree::testing

// A program that the tests kill.
//
//   tree_victim write KIND DIRECTORY SEED NEXT
//       Applies random batches from NEXT on, for ever. Prints "delivered N" after each. Sometimes
//       also holds, and prints "held N".
//   tree_victim read DIRECTORY
//       Opens an LMDB tree read-only. For each line of input it takes one more view and prints
//       "viewing N", or "full" if there is no free slot.

#include "tree/trees.hpp"

#include <amphora/error.hpp>

#include <unistd.h>

#include <cstdio>
#include <iostream>

namespace {

using namespace amphora;
using namespace amphora::tree::testing;

void say(const std::string& line) {
    const std::string whole = line + "\n";
    if (::write(STDOUT_FILENO, whole.data(), whole.size()) < 0) std::_Exit(3);
}

void write_for_ever(Kind kind, const std::string& directory, std::uint64_t seed,
                    std::uint64_t next) {
    const auto tree = open_tree(kind, directory, tree::OpenMode::read_write);
    for (std::uint64_t sequence = next;; ++sequence) {
        apply(*tree, random_batch(seed, sequence), sequence);
        say("delivered " + std::to_string(number(tree->delivered().sequence)));
        if (sequence % 50 == 0) tree->hold();
        if (sequence % 7 == 0) say("held " + std::to_string(number(tree->held().sequence)));
    }
}

void read_for_ever(const std::string& directory) {
    const auto tree =
        lmdb::open_lmdb(directory, identity_of(7), tree::OpenMode::read_only, small_lmdb());
    std::vector<std::shared_ptr<const tree::ReadView>> views;
    for (std::string line; std::getline(std::cin, line);) {
        try {
            views.push_back(tree->view());
        } catch (const Error& error) {
            if (error.code() != ErrorCode::too_many_snapshots) throw;
            say("full");
            continue;
        }
        say("viewing " + std::to_string(number(views.back()->mark().sequence)));
    }
}

}  // namespace

int main(int count, char** words) {
    const std::vector<std::string> arguments(words, words + count);
    try {
        if (count == 6 && arguments[1] == "write") {
            write_for_ever(arguments[2] == "lmdb" ? Kind::lmdb : Kind::rocks, arguments[3],
                           std::stoull(arguments[4]), std::stoull(arguments[5]));
        } else if (count == 3 && arguments[1] == "read") {
            read_for_ever(arguments[2]);
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "victim: %s\n", error.what());
        return 1;
    }
    return 2;
}

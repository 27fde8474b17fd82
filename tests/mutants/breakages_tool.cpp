// The breakages for tools/mutants, on the command line.
//
//   amphora-breakages list DIRECTORY             one line each, between tabs: NAME, TARGET, FILTER,
//                                                yes if it hangs, digest, the first file that it
//                                                edits, story
//   amphora-breakages apply DIRECTORY NAME ROOT  edits the sources in ROOT and prints the files
//                                                that it changed

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>

#include "mutants/breakages.hpp"
#include "support/read_file.hpp"

namespace {

using amphora::mutants::Breakage;
using amphora::mutants::Edit;

/// Changes whenever the breakage or its test changes.
std::size_t digest(const Breakage& breakage) {
    std::string all = breakage.name + '\n' + breakage.target + ' ' + breakage.filter;
    for (const Edit& edit : breakage.edits) {
        all += '\n' + edit.path + '\n' + edit.found + '\n' + edit.replacement;
    }
    return std::hash<std::string>{}(all);
}

void list(const std::string& directory) {
    for (const Breakage& breakage : amphora::mutants::read_all(directory)) {
        fmt::print("{}\t{}\t{}\t{}\t{:016x}\t{}\t{}\n", breakage.name, breakage.target,
                   breakage.filter, breakage.hangs ? "yes" : "no", digest(breakage),
                   breakage.edits.front().path, breakage.story);
    }
}

void apply(const std::string& directory, const std::string& name, const std::string& root) {
    for (const Breakage& breakage : amphora::mutants::read_all(directory)) {
        if (breakage.name != name) continue;
        // All edits must fit before the first file changes.
        std::map<std::string, std::string> changed;
        for (const Edit& edit : breakage.edits) {
            std::string& text = changed[edit.path];
            if (text.empty()) text = amphora::support::read_file(root + "/" + edit.path);
            text = amphora::mutants::applied(edit, text);
        }
        for (const auto& [path, text] : changed) {
            std::ofstream file{root + "/" + path, std::ios::binary | std::ios::trunc};
            if (!file.write(text.data(), static_cast<std::streamsize>(text.size())).flush()) {
                throw std::runtime_error{fmt::format("{}/{} cannot be written", root, path)};
            }
            fmt::print("{}\n", path);
        }
        return;
    }
    throw std::runtime_error{fmt::format("there is no breakage {}", name)};
}

}  // namespace

int main(int count, char** words) {
    try {
        const std::string command = count > 1 ? words[1] : "";
        if (command == "list" && count == 3) {
            list(words[2]);
        } else if (command == "apply" && count == 5) {
            apply(words[2], words[3], words[4]);
        } else {
            fmt::print(stderr, "amphora-breakages list DIRECTORY | apply DIRECTORY NAME ROOT\n");
            return 2;
        }
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 1;
    }
    return 0;
}

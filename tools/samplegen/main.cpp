#include "samplegen/sample.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

// amphora-samplegen: writes the sample data. Without --seed what is in schema/sample.

namespace {

constexpr std::string_view usage = "usage: amphora-samplegen --output DIRECTORY [--seed NUMBER]\n";

void write_files(const std::string& directory, std::uint64_t seed) {
    std::filesystem::create_directories(directory);
    for (const auto& [name, text] : amphora::samplegen::make_sample(seed)) {
        std::ofstream file{std::filesystem::path{directory} / name,
                           std::ios::binary | std::ios::trunc};
        file << text;
        file.close();
        if (!file) {
            throw std::runtime_error{fmt::format("{}/{} cannot be written", directory, name)};
        }
        fmt::print("{}/{}: {} bytes\n", directory, name, text.size());
    }
}

}  // namespace

int main(int argc, char** argv) {
    std::string directory;
    std::uint64_t seed = amphora::samplegen::default_seed;
    for (int i = 1; i < argc; i += 2) {
        const std::string_view option = argv[i];
        if (i + 1 < argc && option == "--output") {
            directory = argv[i + 1];
        } else if (i + 1 < argc && option == "--seed") {
            seed = std::strtoull(argv[i + 1], nullptr, 10);
        } else {
            directory.clear();
            break;
        }
    }
    if (directory.empty()) {
        fmt::print(stderr, "{}", usage);
        return 2;
    }
    try {
        write_files(directory, seed);
    } catch (const std::exception& error) {
        fmt::print(stderr, "amphora-samplegen: {}\n", error.what());
        return 1;
    }
    return 0;
}

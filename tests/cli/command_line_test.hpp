#pragma once

#include "database/shop.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace amphora {

struct Answer {
    int code = -1;
    std::string text;  ///< of both outputs
};

class CommandLineTest : public testing::Test {
  protected:
    Answer amphora(const std::string& words) const {
        return shell(std::string{AMPHORA_CLI} + " " + words);
    }

    /// Runs a line of the shell in the directory of the test.
    Answer shell(const std::string& line) const {
        const std::string command = "cd " + directory_.path() + " && { " + line + "\n} 2>&1";
        Answer answer;
        std::FILE* pipe = ::popen(command.c_str(), "r");
        std::array<char, 4096> chunk;
        while (const std::size_t bytes = std::fread(chunk.data(), 1, chunk.size(), pipe)) {
            answer.text.append(chunk.data(), bytes);
        }
        const int status = ::pclose(pipe);
        answer.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        return answer;
    }

    void write(const std::string& name, const std::string& text) const {
        std::ofstream{directory_.path() + "/" + name} << text;
    }
    [[nodiscard]] std::string read(const std::string& name) const {
        std::stringstream text;
        text << std::ifstream{directory_.path() + "/" + name}.rdbuf();
        return text.str();
    }

    void make_shop() const {
        write("shop.sql", std::string{shop::schema.text});
        ASSERT_EQ(amphora("init db --schema shop.sql").code, 0);
    }

    shop::Directory directory_;
};

}  // namespace amphora

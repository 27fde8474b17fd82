#include "support/scratch_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

// The program as a build calls it: exit code 0 with a header, 1 with the place of the mistake, 2
// for a wrong call. After an error there is no header.

namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class Program : public testing::Test {
  protected:
    struct Outcome {
        int code = -1;
        std::string said;
    };
    static Outcome run(const std::string& arguments) {
        Outcome outcome;
        const std::string command = AMPHORA_SCHEMAGEN " " + arguments + " 2>&1";
        FILE* pipe = ::popen(command.c_str(), "r");
        if (pipe == nullptr) return outcome;
        std::array<char, 4096> buffer{};
        std::size_t count = 0;
        while ((count = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0) {
            outcome.said.append(buffer.data(), count);
        }
        const int status = ::pclose(pipe);
        outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        return outcome;
    }
    std::string file(const std::string& name, const std::string& text) const {
        std::string path = folder / name;
        std::ofstream{path, std::ios::binary} << text;
        return path;
    }

    amphora::support::ScratchDirectory folder;
};

TEST_F(Program, NamesFileLineAndColumnOfAnError) {
    const std::string path = file("bad.sql", "CREATE TABLE t (\n  id BIGNIT PRIMARY KEY\n);\n");
    const std::string output = folder / "bad.hpp";
    const Outcome outcome = run("--schema " + path + " --output " + output);
    EXPECT_EQ(outcome.code, 1);
    EXPECT_EQ(outcome.said, path + ":2:6: expected a column type, found 'BIGNIT'\n");
    EXPECT_FALSE(fs::exists(output));
}

TEST_F(Program, NamesAClauseThatIsNotEnforced) {
    const std::string path =
        file("bad.sql", "CREATE TABLE t (id BIGINT PRIMARY KEY, n TEXT COLLATE x);");
    const Outcome outcome = run("--schema " + path);
    EXPECT_EQ(outcome.code, 1);
    EXPECT_THAT(outcome.said, HasSubstr(path + ":1:47: COLLATE is not supported"));
}

TEST_F(Program, NamesAMissingParent) {
    const std::string path =
        file("child.sql", "CREATE TABLE c (id BIGINT PRIMARY KEY REFERENCES parents (id));");
    const std::string parents =
        file("parents.sql", "CREATE TABLE parents (id BIGINT PRIMARY KEY);");
    const Outcome alone = run("--schema " + path);
    EXPECT_EQ(alone.code, 1);
    EXPECT_THAT(alone.said, HasSubstr("there is no table parents"));
    const Outcome together = run("--schema " + path + " --with " + parents);
    EXPECT_EQ(together.code, 0) << together.said;
    EXPECT_THAT(together.said, HasSubstr("struct C {"));
    EXPECT_THAT(together.said, testing::Not(HasSubstr("struct Parent")));
}

TEST_F(Program, TakesTheNamespaceFromTheFileOrTheCall) {
    const std::string path = file("my-app.sql", "CREATE TABLE t (id BIGINT PRIMARY KEY);");
    EXPECT_THAT(run("--schema " + path).said, HasSubstr("namespace my_app {"));
    EXPECT_THAT(run("--schema " + path + " --namespace a::b").said,
                HasSubstr("struct amphora::TableTraits<a::b::T>"));
    EXPECT_EQ(run("--schema " + path + " --namespace class").code, 2);
    EXPECT_EQ(run("--schema " + path + " --namespace 'a b'").code, 2);
}

TEST_F(Program, SaysHowItIsCalled) {
    for (const char* arguments :
         {"", "--schema", "--what x", "--schema a --schema b", "--output x"}) {
        const Outcome outcome = run(arguments);
        EXPECT_EQ(outcome.code, 2) << arguments;
        EXPECT_THAT(outcome.said, HasSubstr("usage: amphora-schemagen"));
    }
    const Outcome missing = run("--schema " + folder / "nothing.sql");
    EXPECT_EQ(missing.code, 1);
    EXPECT_THAT(missing.said, HasSubstr("nothing.sql: cannot be read"));
    const std::string path = file("a.sql", "CREATE TABLE t (id BIGINT PRIMARY KEY);");
    EXPECT_EQ(run("--schema " + path + " --output " + folder / "no/where.hpp").code, 1);
}

}  // namespace

// Another process that opens a database, and prints the result.
//   amphora-visitor DIRECTORY

#include <amphora/amphora.hpp>

#include <cstdio>
#include <string>

int main(int count, char** words) {
    if (count != 2) return 2;
    try {
        const amphora::Database db = amphora::Database::open(words[1]);
        std::puts("opened");
    } catch (const amphora::Error& error) {
        std::printf("%s: %s\n", std::string{error.code_name()}.c_str(), error.what());
    }
    return 0;
}

#include "fuzz/require.hpp"

#include <cstdio>
#include <cstdlib>

namespace amphora::fuzz {

void fail(const char* what, const std::string& details) {
    std::fprintf(stderr, "fuzz: it does not hold that %s\n%s\n", what, details.c_str());
    std::abort();
}

}  // namespace amphora::fuzz

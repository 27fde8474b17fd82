#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace amphora {

void assertion_failed(const char* expression, const char* file, int line) noexcept {
    std::fprintf(stderr, "amphora: broken invariant: %s (%s:%d)\n", expression, file, line);
    std::fflush(stderr);
    std::abort();
}

}  // namespace amphora

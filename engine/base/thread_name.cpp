#include "base/thread_name.hpp"

#include <pthread.h>

#include <cstring>

namespace amphora {

void name_thread(const char* name) noexcept {
    char kept[16] = {};
    std::strncpy(kept, name, sizeof kept - 1);
    ::pthread_setname_np(::pthread_self(), kept);  // a failure has no effect
}

}  // namespace amphora

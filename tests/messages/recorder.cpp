// Records the message of every error that a process throws. tools/messages preloads it, so neither
// the engine nor the tests contain it.

#include <amphora/error.hpp>

#include <cxxabi.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <typeinfo>

namespace {

/// One line for each message, in one write: many processes share the file.
void record(const amphora::Error& error) noexcept {
    const char* const path = std::getenv("AMPHORA_MESSAGES");
    if (path == nullptr) return;
    try {
        std::string line{error.code_name()};
        line += ": ";
        for (const char letter : std::string_view{error.what()}) {
            if (letter == '\n') {
                line += "\\n";
            } else {
                line += letter;
            }
        }
        line += '\n';
        const int file = ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (file < 0) return;
        [[maybe_unused]] const auto written = ::write(file, line.data(), line.size());
        ::close(file);
    } catch (const std::exception&) {
        // Without memory there is no record.
    }
}

}  // namespace

extern "C" void __cxa_throw(void* thrown, std::type_info* type, void (*destroy)(void*)) {
    static const auto next = reinterpret_cast<void (*)(void*, std::type_info*, void (*)(void*))>(
        ::dlsym(RTLD_NEXT, "__cxa_throw"));
    if (*type == typeid(amphora::Error)) record(*static_cast<amphora::Error*>(thrown));
    next(thrown, type, destroy);
    std::abort();
}

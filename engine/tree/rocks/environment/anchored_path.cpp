#include "tree/rocks/environment/anchored_path.hpp"

#include "base/system_error.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace amphora::rocks {

namespace {

constexpr std::string_view descriptors = "/proc/self/fd/";

int open_directory(const std::string& directory) {
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) throw_system_error("open", directory);
    return descriptor;
}

}  // namespace

AnchoredPath::AnchoredPath(const std::string& directory)
    : descriptor_{open_directory(directory)}, path_{fmt::format("{}{}", descriptors, descriptor_)} {
    if (::access((path_ + "/.").c_str(), F_OK) != 0) path_ = directory;
}

AnchoredPath::~AnchoredPath() {
    ::close(descriptor_);
}

std::string with_own_name(std::string_view message, std::string_view directory) {
    std::string text;
    for (std::size_t at = message.find(descriptors); at != std::string_view::npos;
         at = message.find(descriptors)) {
        text += message.substr(0, at);
        text += directory;
        message.remove_prefix(at + descriptors.size());
        message.remove_prefix(std::min(message.find_first_not_of("0123456789"), message.size()));
    }
    return text.append(message);
}

}  // namespace amphora::rocks

#include "power/scratch_folder.hpp"

#include <unistd.h>

#include <filesystem>
#include <stdexcept>

namespace amphora::power {

ScratchFolder::ScratchFolder() {
    const bool memory = ::access("/dev/shm", W_OK) == 0;
    path_ = memory ? "/dev/shm" : std::filesystem::temp_directory_path().string();
    path_ += "/amphora-power-XXXXXX";
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error{"cannot make " + path_};
}

ScratchFolder::~ScratchFolder() {
    std::error_code ignored;
    if (vanishes_) std::filesystem::remove_all(path_, ignored);
}

}  // namespace amphora::power

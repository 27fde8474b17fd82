#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace amphora::support {

/// Where the files of a test are. In memory most tests run as well, and faster; on a disk a commit
/// takes time, which gives a kill the chance to happen during it.
enum class Scratch : std::uint8_t { memory, disk };

/// A directory that is removed with the test, unless it is to be kept. AMPHORA_TEST_DIR gives
/// another parent.
class ScratchDirectory {
  public:
    explicit ScratchDirectory(Scratch where = Scratch::memory, std::string_view name = "test") {
        const char* chosen = std::getenv("AMPHORA_TEST_DIR");
        const bool memory = where == Scratch::memory && ::access("/dev/shm", W_OK) == 0;
        path_ = chosen != nullptr ? chosen
                : memory          ? "/dev/shm"
                                  : std::filesystem::temp_directory_path().string();
        path_.append("/amphora-").append(name).append("-XXXXXX");
        if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error{"cannot make " + path_};
    }
    ~ScratchDirectory() {
        std::error_code ignored;
        if (vanishes_) std::filesystem::remove_all(path_, ignored);
    }
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string operator/(std::string_view name) const {
        return std::string{path_}.append("/").append(name);
    }
    void keep() { vanishes_ = false; }

  private:
    std::string path_;
    bool vanishes_ = true;
};

}  // namespace amphora::support

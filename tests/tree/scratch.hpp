#pragma once

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

namespace amphora::tree::testing {

/// Where the files of a test lie. In memory most tests run as well and faster; on a disk a commit
/// takes its time, which gives a kill the chance to fall inside.
enum class Scratch : std::uint8_t { memory, disk };

/// A directory that vanishes with the test. AMPHORA_TEST_DIR puts it elsewhere.
class ScratchDirectory {
  public:
    explicit ScratchDirectory(Scratch where = Scratch::memory) {
        const char* chosen = std::getenv("AMPHORA_TEST_DIR");
        const bool memory = where == Scratch::memory && ::access("/dev/shm", W_OK) == 0;
        std::string pattern = chosen != nullptr ? chosen
                              : memory          ? "/dev/shm"
                                                : ::testing::TempDir();
        pattern += "/amphora-tree-XXXXXX";
        if (::mkdtemp(pattern.data()) == nullptr) std::abort();
        path_ = pattern;
    }
    ~ScratchDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string operator/(const std::string& name) const {
        return path_ + "/" + name;
    }

  private:
    std::string path_;
};

inline std::string read_whole(const std::string& path) {
    std::ostringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    return std::move(bytes).str();
}

/// A file system of a few megabytes in memory, for filling up. Only root can have one.
class SmallDisk {
  public:
    explicit SmallDisk(const std::string& size) {
        mounted_ =
            ::mount("tmpfs", place_.path().c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
    }
    ~SmallDisk() {
        if (mounted_) ::umount2(place_.path().c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    [[nodiscard]] bool mounted() const { return mounted_; }
    [[nodiscard]] const std::string& path() const { return place_.path(); }

    /// Somebody else's file, which takes all that is left.
    void fill() {
        std::ofstream ballast(path() + "/ballast", std::ios::binary | std::ios::app);
        const std::string block(4096, 'x');
        while (ballast.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
        }
    }
    void make_room() { std::filesystem::remove(path() + "/ballast"); }

  private:
    ScratchDirectory place_;
    bool mounted_ = false;
};

}  // namespace amphora::tree::testing

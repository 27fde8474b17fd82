#pragma once

#include "support/scratch_directory.hpp"

#include <sys/mount.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

namespace amphora::tree::testing {

using support::Scratch;
using support::ScratchDirectory;

inline std::string read_whole(const std::string& path) {
    std::ostringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    return std::move(bytes).str();
}

/// A file system of a few megabytes in memory, to be filled. Only root can mount one.
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

    /// Another program's file, which uses all of the free space.
    void fill() {
        std::ofstream ballast(path() + "/ballast", std::ios::binary | std::ios::app);
        const std::string block(4096, 'x');
        while (ballast.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
        }
    }
    [[nodiscard]] std::uint64_t free_bytes() const {
        return std::filesystem::space(path()).available;
    }
    void make_room() { std::filesystem::remove(path() + "/ballast"); }

  private:
    ScratchDirectory place_;
    bool mounted_ = false;
};

}  // namespace amphora::tree::testing

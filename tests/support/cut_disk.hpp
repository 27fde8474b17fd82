#pragma once

#include <fcntl.h>
#include <linux/ioctl.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>

namespace amphora::support {

/// An ext4 file system in a file, whose power can be cut: afterwards it has what was synced and
/// nothing else, and nothing that is still in memory is written. Needs root.
class CutDisk {
  public:
    /// The disk's file is in `folder`, which must exist and stay. Keeps no blocks for root, who
    /// runs the tests: a file of root's could take them, and no other program would see them as
    /// free again.
    explicit CutDisk(std::string folder, std::uint32_t mebibytes = 128)
        : folder_{std::move(folder)} {
        std::filesystem::create_directory(place());
        usable_ = run("truncate -s " + std::to_string(mebibytes) + "M " + image()) &&
                  run("mkfs.ext4 -qF -m 0 " + image()) && mount();
    }
    ~CutDisk() {
        if (usable_) ::umount2(place().c_str(), MNT_DETACH);
    }
    CutDisk(const CutDisk&) = delete;
    CutDisk& operator=(const CutDisk&) = delete;

    [[nodiscard]] bool usable() const { return usable_; }
    static constexpr const char* why_unusable =
        "mounting an ext4 of one's own needs root, loop devices and mkfs.ext4";
    [[nodiscard]] std::string place() const { return folder_ + "/mounted"; }

    void cut_power() {
        const int directory = ::open(place().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        // As XFS_IOC_GOINGDOWN, which ext4 understands; 2: not even the journal's buffer is
        // written.
        std::uint32_t at_once = 2;
        const int result = ::ioctl(directory, _IOR('X', 125, std::uint32_t), &at_once);
        ::close(directory);
        if (result != 0) throw std::runtime_error{"cannot shut down " + place()};
    }
    /// The process that had it open must have ended, or be about to.
    void power_on() {
        const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (::umount2(place().c_str(), 0) != 0) {
            if (std::chrono::steady_clock::now() > patience) {
                throw std::runtime_error{place() + " is still busy"};
            }
            std::this_thread::yield();
        }
        if (!mount()) throw std::runtime_error{"cannot mount " + image() + " again"};
    }

  private:
    [[nodiscard]] std::string image() const { return folder_ + "/disk"; }
    static bool run(const std::string& command) {
        return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
    }
    [[nodiscard]] bool mount() const { return run("mount -o loop " + image() + " " + place()); }

    std::string folder_;
    bool usable_ = false;
};

}  // namespace amphora::support

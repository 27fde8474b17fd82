#include "soak/usage.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>
#include <fstream>

namespace amphora::soak {
namespace {

/// The number after `name` in a file of lines "name: number ...".
std::uint64_t number_in(const std::string& path, const std::string& name) {
    std::ifstream lines{path};
    std::string word;
    std::uint64_t number = 0;
    while (lines >> word) {
        if (word == name && lines >> number) return number;
    }
    return 0;
}

}  // namespace

MemoryUse memory_of(pid_t process) {
    const std::string status = "/proc/" + std::to_string(process) + "/status";
    return {.own_bytes = number_in(status, "RssAnon:") * 1024,
            .resident_bytes = number_in(status, "VmRSS:") * 1024};
}

std::uint64_t bytes_on_disk(const std::string& directory) {
    namespace fs = std::filesystem;
    std::uint64_t bytes = 0;
    std::error_code gone;
    for (fs::recursive_directory_iterator at{directory, gone}, end; !gone && at != end;
         at.increment(gone)) {
        struct stat status {};
        if (::lstat(at->path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
        bytes += static_cast<std::uint64_t>(status.st_blocks) * 512;
    }
    return bytes;
}

BytesHandedOver bytes_handed_over() {
    namespace fs = std::filesystem;
    BytesHandedOver bytes;
    for (const auto& thread : fs::directory_iterator{"/proc/self/task"}) {
        const std::string place = thread.path().string();
        std::string name;
        std::getline(std::ifstream{place + "/comm"}, name);
        std::uint64_t& kind = name == "relay-rows" ? bytes.rows
                              : name == "relay-docs" || name.starts_with("rocksdb")
                                  ? bytes.documents
                                  : bytes.journal;
        kind += number_in(place + "/io", "wchar:");
    }
    return bytes;
}

std::uint64_t bytes_written_to_device(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return 0;
    std::ifstream numbers{"/sys/dev/block/" + std::to_string(major(status.st_dev)) + ":" +
                          std::to_string(minor(status.st_dev)) + "/stat"};
    // The seventh: sectors written.
    std::uint64_t sectors = 0;
    for (int at = 0; at < 7 && numbers >> sectors; ++at) {
    }
    return numbers ? sectors * 512 : 0;
}

}  // namespace amphora::soak

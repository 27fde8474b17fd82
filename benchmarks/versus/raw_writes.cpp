#include "versus/signups.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace amphora::versus {

namespace {

constexpr std::uint64_t file_bytes = 256ull << 20;

void require(bool held, const char* doing) {
    if (!held) throw std::system_error{errno, std::generic_category(), doing};
}

}  // namespace

RawWrites::RawWrites(const std::string& path, Sync sync)
    : descriptor_{::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)}, sync_{sync} {
    require(descriptor_ >= 0, "making the raw file");
    const std::string zeros(1 << 20, '\0');
    for (std::uint64_t at = 0; at < file_bytes; at += zeros.size()) {
        require(::pwrite(descriptor_, zeros.data(), zeros.size(), static_cast<off_t>(at)) ==
                    static_cast<ssize_t>(zeros.size()),
                "filling the raw file");
    }
    require(::fsync(descriptor_) == 0, "syncing the raw file");
}

RawWrites::~RawWrites() {
    ::close(descriptor_);
}

Sample RawWrites::run(std::uint64_t count, std::uint64_t bytes_each) {
    const std::string record(bytes_each, 'x');
    const double seconds = seconds_of([&] {
        for (std::uint64_t write = 0; write < count; ++write) {
            if (at_ + bytes_each > file_bytes) at_ = 0;
            require(::pwrite(descriptor_, record.data(), record.size(), static_cast<off_t>(at_)) ==
                        static_cast<ssize_t>(record.size()),
                    "writing the raw file");
            if (sync_ == Sync::each) require(::fdatasync(descriptor_) == 0, "syncing the raw file");
            at_ += bytes_each;
        }
    });
    return {static_cast<double>(count) / seconds, 0};
}

}  // namespace amphora::versus

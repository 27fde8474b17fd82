#include "power/recorder_log.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <filesystem>

namespace amphora::power {
namespace {

[[noreturn]] void give_up() {
    // Without its log a run proves nothing, and no caller could handle this.
    std::abort();
}

std::string variable(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? std::string{} : std::string{value};
}

std::string path_of(int descriptor) {
    std::array<char, PATH_MAX> target{};
    const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
    const ssize_t length = ::readlink(link.c_str(), target.data(), target.size());
    if (length <= 0) give_up();
    return {target.data(), static_cast<std::size_t>(length)};
}

}  // namespace

RecorderLog& RecorderLog::of_process() {
    static auto* const one = new RecorderLog;
    return *one;
}

RecorderLog::RecorderLog() : directory_{variable(watched_variable)} {
    const std::string path = variable(log_variable);
    if (path.empty() || directory_.empty()) give_up();
    // Directly to the kernel: the recorder's own calls must not be watched.
    log_ = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path.c_str(),
                                      O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    if (log_ < 0) give_up();
}

std::uint64_t RecorderLog::append(RecordKind kind, int descriptor, std::uint64_t argument,
                                  std::string_view data) {
    const std::lock_guard lock{mutex_};
    const std::uint64_t number = next_++;
    put({number, argument, 0, descriptor, static_cast<std::uint32_t>(data.size()),
         static_cast<std::uint64_t>(kind)},
        data);
    return number;
}

void RecorderLog::append_returned(std::uint64_t number, std::int64_t result) {
    const std::lock_guard lock{mutex_};
    put({next_++, number, result, -1, 0, static_cast<std::uint64_t>(RecordKind::returned)}, {});
}

void RecorderLog::append_offence(std::string_view what, std::string_view where) {
    append(RecordKind::offence, -1, 0, std::string{what} + " " + std::string{where});
}

void RecorderLog::put(RecordHead head, std::string_view data) {
    std::array<iovec, 2> parts{iovec{&head, sizeof head},
                               iovec{const_cast<char*>(data.data()), data.size()}};
    const long written = ::syscall(SYS_writev, log_, parts.data(), parts.size());
    if (written != static_cast<long>(sizeof head + data.size())) give_up();
}

std::string RecorderLog::watched(int directory, const char* path) const {
    namespace fs = std::filesystem;
    fs::path full{path};
    // A name for a directory that is open: /proc/self/fd/12/000007.sst.
    constexpr std::string_view descriptors{"/proc/self/fd/"};
    if (const std::string_view name{path}; name.starts_with(descriptors)) {
        const std::string rest{name.substr(descriptors.size())};
        const std::size_t slash = std::min(rest.find('/'), rest.size());
        full = path_of(std::atoi(rest.c_str())) + rest.substr(slash);
    }
    if (full.is_relative()) {
        full = (directory == AT_FDCWD ? fs::current_path() : fs::path{path_of(directory)}) / full;
    }
    std::string plain = full.lexically_normal().string();
    if (plain.size() > 1 && plain.ends_with('/')) plain.pop_back();
    const bool is_below = plain == directory_ || plain.starts_with(directory_ + "/");
    return is_below ? plain : std::string{};
}

RecorderLog::Watch RecorderLog::watch(int descriptor) const {
    const auto at = static_cast<std::size_t>(descriptor);
    return descriptor >= 0 && at < watches_.size() ? watches_[at] : Watch::no;
}

void RecorderLog::set_watch(int descriptor, Watch watch) {
    if (descriptor < 0) return;
    const auto at = static_cast<std::size_t>(descriptor);
    if (at < watches_.size()) {
        watches_[at] = watch;
    } else if (watch != Watch::no) {
        give_up();
    }
}

}  // namespace amphora::power

#include "tree/registered_directory.hpp"

#include "base/system_error.hpp"

#include <amphora/error.hpp>

#include <sys/stat.h>

#include <map>
#include <mutex>

#include <fmt/format.h>

namespace amphora::tree {

struct RegisteredDirectory::Registry {
    enum class State : std::uint8_t { open, abandoned };
    std::mutex mutex;
    std::map<DeviceAndInode, State> places;
};

RegisteredDirectory::Registry& RegisteredDirectory::registry() {
    static auto* const one =
        new Registry;  // never freed: trees may be closed by static destructors
    return *one;
}

RegisteredDirectory::RegisteredDirectory(const std::string& directory, const std::string& what) {
    struct stat status {};
    if (::stat(directory.c_str(), &status) != 0) throw_system_error("stat", directory);
    place_ = {status.st_dev, status.st_ino};
    const std::lock_guard lock{registry().mutex};
    const auto [found, is_new] = registry().places.emplace(place_, Registry::State::open);
    if (is_new) return;
    if (found->second == Registry::State::abandoned) {
        throw Error{ErrorCode::needs_reopen,
                    fmt::format("{}: memory or threads ran out where this process used it before; "
                                "end this process and open it in another: nothing is lost",
                                what)};
    }
    throw Error{
        ErrorCode::in_use,
        fmt::format("{}: this process has it open already, or still holds a snapshot of it", what)};
}

RegisteredDirectory::~RegisteredDirectory() {
    const std::lock_guard lock{registry().mutex};
    const auto found = registry().places.find(place_);
    if (found->second == Registry::State::open) registry().places.erase(found);
}

void RegisteredDirectory::abandon() const noexcept {
    const std::lock_guard lock{registry().mutex};
    registry().places.find(place_)->second = Registry::State::abandoned;
}

}  // namespace amphora::tree

#include "tree/open_place.hpp"

#include "base/system_error.hpp"

#include <amphora/error.hpp>

#include <sys/stat.h>

#include <mutex>
#include <set>

#include <fmt/format.h>

namespace amphora::tree {

struct OpenPlace::Registry {
    std::mutex mutex;
    std::set<Place> places;
};

OpenPlace::Registry& OpenPlace::registry() {
    static auto* const one =
        new Registry;  // never freed: trees may be closed by static destructors
    return *one;
}

OpenPlace::OpenPlace(const std::string& directory, const std::string& what) {
    struct stat status {};
    if (::stat(directory.c_str(), &status) != 0) throw_system_error("stat", directory);
    place_ = {status.st_dev, status.st_ino};
    const std::lock_guard lock(registry().mutex);
    if (!registry().places.insert(place_).second) {
        throw Error(
            ErrorCode::in_use,
            fmt::format("{}: this process has it open already, or still holds a snapshot of it",
                        what));
    }
}

OpenPlace::~OpenPlace() {
    const std::lock_guard lock(registry().mutex);
    registry().places.erase(place_);
}

}  // namespace amphora::tree

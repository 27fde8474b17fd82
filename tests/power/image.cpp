#include "power/image.hpp"

#include "base/system_error.hpp"
#include "support/read_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

namespace amphora::power {
namespace {

namespace fs = std::filesystem;

void write_whole(const std::string& path, const std::string& bytes) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (descriptor < 0) throw_system_error("open", path);
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t put = ::write(descriptor, bytes.data() + done, bytes.size() - done);
        if (put <= 0) throw_system_error("write", path);
        done += static_cast<std::size_t>(put);
    }
    ::close(descriptor);
}

template <class Map>
std::string names_of(const Map& files) {
    std::string names;
    for (const auto& [name, content] : files) names += name + " ";
    return names;
}

}  // namespace

Image Image::read(const std::string& root) {
    Image image;
    for (const auto& entry : fs::recursive_directory_iterator{root}) {
        const std::string name = entry.path().lexically_relative(root).string();
        if (entry.is_directory()) {
            image.directories.insert(name);
        } else {
            image.files.emplace(
                name, std::make_shared<const std::string>(support::read_file(entry.path())));
        }
    }
    return image;
}

void Image::write(const std::string& root) const {
    fs::remove_all(root);
    fs::create_directory(root);
    for (const std::string& name : directories) fs::create_directory(root + "/" + name);
    for (const auto& [name, content] : files) write_whole(root + "/" + name, *content);
}

std::optional<std::string> difference(const Image& expected, const Image& found,
                                      const std::set<std::string>& unknowable) {
    if (expected.directories != found.directories) return "the directories differ";
    if (names_of(expected.files) != names_of(found.files)) {
        return fmt::format("there should be the files {}and there are {}", names_of(expected.files),
                           names_of(found.files));
    }
    for (const auto& [name, content] : expected.files) {
        const std::string& other = *found.files.at(name);
        if (unknowable.contains(name) || *content == other) continue;
        if (content->size() != other.size()) {
            return fmt::format("{} should have {} bytes and has {}", name, content->size(),
                               other.size());
        }
        const auto place = std::mismatch(content->begin(), content->end(), other.begin()).first;
        return fmt::format("{} is another from byte {}", name, place - content->begin());
    }
    return std::nullopt;
}

}  // namespace amphora::power

#include "codec/json/names.hpp"

#include "codec/bytes_io.hpp"

#include <algorithm>
#include <cstring>

namespace amphora::codec {

namespace {

std::uint64_t digest_of(Bytes name) noexcept {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    if (name.size() >= 8) {
        first = load_little<std::uint64_t>(name.data());
        last = load_little<std::uint64_t>(name.data() + name.size() - 8);
    } else {
        for (const char letter : name) first = first << 8 | static_cast<unsigned char>(letter);
    }
    return (first ^ last * 0x9e37'79b9'7f4a'7c15u) + name.size();
}

}  // namespace

bool JsonNames::add(Bytes buffer, std::size_t at, std::size_t size) {
    const Bytes name = buffer.substr(at, size);
    const std::uint64_t digest = digest_of(name);
    Object& object = objects_.back();
    // The upper bits, because a product's lower bits depend on too little of the name.
    const std::uint64_t bit = std::uint64_t{1} << (digest * 0x9e37'79b9'7f4a'7c15u >> 58);
    if ((object.seen & bit) != 0 && names_.size() - object.first < compared_max) {
        for (std::size_t i = object.first; i < names_.size(); ++i) {
            const Name& earlier = names_[i];
            if (earlier.digest == digest && buffer.substr(earlier.at, earlier.size) == name) {
                return false;
            }
        }
    }
    object.seen |= bit;
    names_.push_back(Name{digest, at, size});
    return true;
}

const JsonNames::Name* JsonNames::end_object(Bytes buffer) {
    const auto first = names_.begin() + static_cast<std::ptrdiff_t>(objects_.back().first);
    objects_.pop_back();
    const auto text = [&](const Name& name) { return buffer.substr(name.at, name.size); };
    const Name* twice = nullptr;
    if (static_cast<std::size_t>(names_.end() - first) > compared_max) {
        // Sorted by the whole name where digests are equal, so that equal names are neighbours.
        std::sort(first, names_.end(), [&](const Name& left, const Name& right) {
            return left.digest != right.digest ? left.digest < right.digest
                                               : text(left) < text(right);
        });
        const auto same = [&](const Name& left, const Name& right) {
            return left.digest == right.digest && text(left) == text(right);
        };
        if (const auto found = std::adjacent_find(first, names_.end(), same);
            found != names_.end()) {
            twice_ = *found;
            twice = &twice_;
        }
    }
    names_.erase(first, names_.end());
    return twice;
}

}  // namespace amphora::codec

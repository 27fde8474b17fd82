#include "database/consumers/in_hand.hpp"

#include "base/checksum.hpp"
#include "codec/bytes_io.hpp"
#include "database/directory/directory.hpp"

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace amphora::detail {

namespace {

constexpr std::size_t header_bytes = 21;
constexpr std::size_t checked_from = 9;

std::string path_of(const std::string& directory, const std::string& consumer) {
    return fmt::format("{}/{:016x}", directory, checksum64(consumer));
}

}  // namespace

InHand::InHand(FileSystem& files, const std::string& directory, std::string consumer)
    : files_{files},
      directory_{DatabasePaths{directory}.in_hand},
      consumer_{std::move(consumer)},
      path_{path_of(directory_, consumer_)} {}

std::optional<InHand::Held> InHand::left() const noexcept {
    try {
        if (!files_.exists(path_)) return std::nullopt;
        const auto file = files_.open(path_, OpenFile::existing_read_only);
        const Buffer bytes = file->read_at(0, static_cast<std::size_t>(file->size()));
        if (bytes.size() < header_bytes || bytes[0] != 1) return std::nullopt;
        const std::size_t name_bytes = codec::load_little<std::uint32_t>(bytes.data() + 13);
        const std::size_t first_bytes = codec::load_little<std::uint32_t>(bytes.data() + 17);
        const std::size_t size = header_bytes + name_bytes + first_bytes;
        if (bytes.size() < size) return std::nullopt;
        const Bytes checked = Bytes{bytes}.substr(checked_from, size - checked_from);
        const auto stored = codec::load_little<std::uint64_t>(bytes.data() + 1);
        if (stored != checksum64(checked)) return std::nullopt;
        const Bytes texts = Bytes{bytes}.substr(header_bytes);
        if (texts.substr(0, name_bytes) != consumer_) return std::nullopt;
        return Held{.first = Buffer{texts.substr(name_bytes, first_bytes)},
                    .changes = codec::load_little<std::uint32_t>(bytes.data() + checked_from)};
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

void InHand::hold(const std::string& first, std::size_t changes) noexcept {
    if (has_failed_) return;
    try {
        if (!file_) {
            files_.make_directory(directory_);
            const bool exists = files_.exists(path_);
            file_ = files_.open(path_, exists ? OpenFile::existing : OpenFile::create_new);
        }
        Buffer bytes(checked_from, '\0');
        codec::append_u32(bytes, static_cast<std::uint32_t>(changes));
        codec::append_u32(bytes, static_cast<std::uint32_t>(consumer_.size()));
        codec::append_u32(bytes, static_cast<std::uint32_t>(first.size()));
        bytes += consumer_;
        bytes += first;
        bytes[0] = 1;
        codec::store_little(bytes.data() + 1, checksum64(Bytes{bytes}.substr(checked_from)));
        file_->write_at(0, bytes);
        is_held_ = true;
    } catch (const std::exception&) {
        has_failed_ = true;  // a full disk, say: then deaths are not counted
    }
}

void InHand::release() noexcept {
    if (!is_held_ || has_failed_) return;
    try {
        file_->write_at(0, Bytes{"\0", 1});
        is_held_ = false;
    } catch (const std::exception&) {
        has_failed_ = true;
    }
}

void InHand::remove(FileSystem& files, const std::string& directory,
                    const std::string& consumer) noexcept {
    try {
        const std::string path = path_of(DatabasePaths{directory}.in_hand, consumer);
        if (files.exists(path)) files.remove(path);
    } catch (const std::exception&) {
        // It says nothing to a new consumer: its changes have other names.
    }
}

}  // namespace amphora::detail

#include "journal/archive/segment_catalog.hpp"

#include "base/checksum.hpp"
#include "base/file_copy.hpp"
#include "codec/bytes_io.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <string_view>

namespace amphora::journal {
namespace {

constexpr std::string_view magic = "AMPHCTLG";
constexpr std::string_view copy_suffix = ".log";
constexpr std::size_t checksum_bytes = sizeof(std::uint64_t);

[[noreturn]] void damaged(const std::string& path, std::string_view what) {
    throw Error{ErrorCode::corrupt,
                fmt::format("{}, offset 0: {}; put the file back from another copy of the archive; "
                            "a restore does not need it",
                            path, what)};
}

void append(Buffer& to, const Uuid& uuid) {
    to.append(reinterpret_cast<const char*>(uuid.bytes.data()), uuid.bytes.size());
}

Uuid take_uuid(codec::BytesReader& reader) {
    Uuid uuid;
    const Bytes bytes = reader.bytes(uuid.bytes.size());
    std::copy(bytes.begin(), bytes.end(), uuid.bytes.begin());
    return uuid;
}

Ancestor take_ancestor(codec::BytesReader& reader) {
    Ancestor ancestor;
    ancestor.timeline = take_uuid(reader);
    ancestor.last = Sequence{reader.u64()};
    const std::uint8_t end = reader.u8();
    if (end > static_cast<std::uint8_t>(Ancestor::End::repaired)) reader.damaged("an end");
    ancestor.end = static_cast<Ancestor::End>(end);
    return ancestor;
}

bool is_of(const SegmentCatalog& content, const SegmentHeader& header) {
    return content.identity == header.identity && content.number == header.number &&
           content.salt == header.salt && content.prior == header.prior.sequence;
}

bool is_sound(FileSystem& files, const std::string& path, const SegmentCatalog& wanted) {
    if (!files.exists(path)) return false;
    const Buffer found = files.open(path, OpenFile::existing_read_only)
                             ->read_at(0, static_cast<std::size_t>(size_of(files, path)));
    return found == encode(wanted);
}

}  // namespace

Buffer encode(const SegmentCatalog& content) {
    Buffer bytes{magic};
    codec::append_u32(bytes, segment_catalog_format);
    append(bytes, content.identity.database);
    append(bytes, content.identity.timeline);
    codec::append_u64(bytes, content.number);
    codec::append_u64(bytes, content.salt);
    codec::append_u64(bytes, number(content.prior));
    codec::append_varint(bytes, content.ancestors.size());
    for (const Ancestor& ancestor : content.ancestors) {
        append(bytes, ancestor.timeline);
        codec::append_u64(bytes, number(ancestor.last));
        codec::append_u8(bytes, static_cast<std::uint8_t>(ancestor.end));
    }
    codec::append_counted(bytes, content.catalog);
    codec::append_u64(bytes, checksum64(bytes));
    return bytes;
}

SegmentCatalog decode_segment_catalog(Bytes bytes, const std::string& path) {
    if (bytes.size() < magic.size() + checksum_bytes || !bytes.starts_with(magic)) {
        damaged(path, "is no catalog of an archived segment");
    }
    const Bytes body = bytes.substr(0, bytes.size() - checksum_bytes);
    if (codec::load_little<std::uint64_t>(bytes.data() + body.size()) != checksum64(body)) {
        damaged(path, "the checksum of the catalog does not match");
    }
    codec::BytesReader reader{body.substr(magic.size()), path};
    const std::uint32_t format = reader.u32();
    if (format > segment_catalog_format) {
        throw Error{ErrorCode::newer_format,
                    fmt::format("{}: format {} is newer than the {} that this version of the "
                                "library knows; use a newer version",
                                path, format, segment_catalog_format)};
    }
    SegmentCatalog content;
    content.identity.database = take_uuid(reader);
    content.identity.timeline = take_uuid(reader);
    content.number = reader.u64();
    content.salt = reader.u64();
    content.prior = Sequence{reader.u64()};
    const std::uint64_t count = reader.varint();
    if (count > Lineage::ancestors_max) reader.damaged("ancestors");
    for (std::uint64_t i = 0; i < count; ++i) content.ancestors.push_back(take_ancestor(reader));
    content.catalog = reader.counted();
    reader.require_end();
    return content;
}

std::string catalog_path_of(const std::string& copy) {
    return copy.substr(0, copy.size() - copy_suffix.size()) + ".catalog";
}

void write_segment_catalog(FileSystem& files, const std::string& copy,
                           const SegmentCatalog& content) {
    const std::string path = catalog_path_of(copy);
    const std::string directory = copy.substr(0, copy.rfind('/'));
    if (!is_sound(files, path, content)) {
        const std::string partial = path + ".partial";
        if (files.exists(partial)) files.remove(partial);
        {
            const auto file = files.open(partial, OpenFile::create_new);
            file->write_at(0, encode(content));
            file->sync();
        }
        files.rename(partial, path);
    }
    // Also if it was there: the process that wrote it may have ended before this.
    files.sync_directory(directory);
}

SegmentCatalog read_segment_catalog(FileSystem& files, const SegmentCopy& copy) {
    const std::string path = catalog_path_of(copy.path);
    if (!files.exists(path)) {
        throw Error{ErrorCode::unsupported,
                    fmt::format("{} is missing: an earlier version of the library archived the "
                                "segment, or the file was removed; its changes cannot be shown; "
                                "put the file back, or begin after a later segment; a restore "
                                "does not need it",
                                path)};
    }
    const Buffer bytes = files.open(path, OpenFile::existing_read_only)
                             ->read_at(0, static_cast<std::size_t>(size_of(files, path)));
    SegmentCatalog content = decode_segment_catalog(bytes, path);
    if (is_of(content, copy.header)) return content;
    throw Error{ErrorCode::foreign_piece,
                fmt::format("{}: belongs to another segment than {}; put back the files of one "
                            "archive",
                            path, copy.path)};
}

}  // namespace amphora::journal

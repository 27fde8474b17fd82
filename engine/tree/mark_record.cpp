#include "tree/mark_record.hpp"

#include "base/assert.hpp"
#include "base/checksum.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace amphora::tree {

namespace {

constexpr std::uint32_t format_current = 1;
constexpr std::size_t record_bytes = 4 + 16 + 16 + 8 + 8 + 8 + 8;

static_assert(std::endian::native == std::endian::little);

template <class Number>
void append(Buffer& to, const Number& number) {
    to.append(reinterpret_cast<const char*>(&number), sizeof number);
}

template <class Number>
Number take(Bytes& from) {
    Number number;
    std::memcpy(&number, from.data(), sizeof number);
    from.remove_prefix(sizeof number);
    return number;
}

}  // namespace

Buffer encode(const MarkRecord& record) {
    Buffer bytes;
    bytes.reserve(record_bytes);
    append(bytes, format_current);
    append(bytes, record.identity.database.bytes);
    append(bytes, record.identity.timeline.bytes);
    append(bytes, number(record.mark.epoch));
    append(bytes, number(record.mark.sequence));
    append(bytes, record.mark.chain);
    append(bytes, checksum64(bytes));
    AMPHORA_ASSERT(bytes.size() == record_bytes);
    return bytes;
}

MarkRecord decode_mark_record(Bytes bytes, std::string_view where) {
    Bytes rest = bytes;
    // The format comes first and is tested before the checksum, because a later format may be
    // longer.
    if (bytes.size() >= 4) {
        const auto format = take<std::uint32_t>(rest);
        if (format > format_current && format < 1000) {
            throw Error{ErrorCode::newer_format,
                        fmt::format("{}: written in format {}; this library knows format {}: use a "
                                    "later version of it",
                                    where, format, format_current)};
        }
    }
    if (bytes.size() != record_bytes) {
        throw Error{
            ErrorCode::corrupt,
            fmt::format("{}: the mark has {} bytes instead of {}; restore the tree from a backup",
                        where, bytes.size(), record_bytes)};
    }
    const Bytes covered = bytes.substr(0, record_bytes - 8);
    MarkRecord record;
    record.identity.database.bytes = take<std::array<std::uint8_t, 16>>(rest);
    record.identity.timeline.bytes = take<std::array<std::uint8_t, 16>>(rest);
    record.mark.epoch = Epoch{take<std::uint64_t>(rest)};
    record.mark.sequence = Sequence{take<std::uint64_t>(rest)};
    record.mark.chain = take<std::uint64_t>(rest);
    if (take<std::uint64_t>(rest) != checksum64(covered)) {
        throw Error{
            ErrorCode::corrupt,
            fmt::format("{}: the checksum of the mark does not match; restore the tree from a "
                        "backup",
                        where)};
    }
    return record;
}

Mark recognize(const std::optional<Buffer>& record, const Identity& expected,
               std::string_view where) {
    if (!record) {
        throw Error{ErrorCode::not_a_database,
                    fmt::format("{}: holds no tree of a database", where)};
    }
    const MarkRecord found = decode_mark_record(*record, where);
    if (found.identity.database != expected.database) {
        throw Error{
            ErrorCode::foreign_piece,
            fmt::format("{}: belongs to database {}, not to {}; put back the tree that belongs "
                        "here",
                        where, to_string(found.identity.database), to_string(expected.database))};
    }
    if (found.identity.timeline != expected.timeline) {
        throw Error{
            ErrorCode::foreign_piece,
            fmt::format("{}: belongs to timeline {} of this database, not to {}: it is from "
                        "before or after a restore; put back the tree that belongs here",
                        where, to_string(found.identity.timeline), to_string(expected.timeline))};
    }
    return found.mark;
}

void require_empty(const std::optional<Buffer>& record, std::string_view where) {
    if (!record) return;
    const MarkRecord found = decode_mark_record(*record, where);
    if (number(found.mark.sequence) == 0) return;
    throw Error{
        ErrorCode::foreign_piece,
        fmt::format("{}: already holds the commits up to {} of database {}; a new tree is not "
                    "made over it",
                    where, number(found.mark.sequence), to_string(found.identity.database))};
}

std::string to_hex(Bytes key) {
    constexpr std::size_t shown_max = 64;
    std::string text;
    for (const char byte : key.substr(0, shown_max)) {
        text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    }
    if (key.size() > shown_max) text += fmt::format("… ({} bytes)", key.size());
    return text;
}

}  // namespace amphora::tree

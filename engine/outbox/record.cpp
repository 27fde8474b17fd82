#include "outbox/record.hpp"

#include "codec/bytes_io.hpp"
#include "codec/varint.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::outbox {
namespace {

constexpr std::uint8_t format = 1;

[[noreturn]] void damaged(Sequence sequence, std::size_t offset, const char* what) {
    throw Error{ErrorCode::corrupt,
                fmt::format("commit record {}, offset {}: {}; run `amphora check`",
                            number(sequence), offset, what)};
}

/// Reads a number that was validated before.
std::uint64_t take_number(Bytes& rest) noexcept {
    std::uint64_t value = 0;
    [[maybe_unused]] const bool good = codec::take_varint(rest, value);
    return value;
}

Bytes take_bytes(Bytes& rest, std::size_t size) noexcept {
    const Bytes result = rest.substr(0, size);
    rest.remove_prefix(size);
    return result;
}

}  // namespace

RecordWriter::RecordWriter(std::size_t bytes) {
    bytes_.reserve(bytes);
    codec::append_u8(bytes_, format);
}

void RecordWriter::begin_changes(std::size_t count) {
    codec::append_varint(bytes_, count);
}
void RecordWriter::put(Bytes key, Bytes value) {
    codec::append_varint(bytes_, key.size());
    bytes_.append(key);
    codec::append_varint(bytes_, value.size() + 1);
    bytes_.append(value);
}
void RecordWriter::erase(Bytes key) {
    codec::append_varint(bytes_, key.size());
    bytes_.append(key);
    codec::append_varint(bytes_, 0);
}
void RecordWriter::begin_events(std::size_t count) {
    codec::append_varint(bytes_, count);
}
void RecordWriter::event(Bytes event) {
    codec::append_varint(bytes_, event.size());
    bytes_.append(event);
}

namespace {

/// Keys of the engine itself, such as the record of an epoch's first commit. They are small, and a
/// commit that only removes has them, too.
bool is_bookkeeping(Bytes key) noexcept {
    return key.size() > sizeof(std::uint32_t) &&
           SpaceId{codec::load_big32(key.data())} < space_first_free;
}

}  // namespace

Record::Record(Bytes bytes, Sequence sequence) {
    Bytes rest = bytes;
    const auto offset = [&] { return bytes.size() - rest.size(); };
    const auto number_or_throw = [&](const char* what) {
        std::uint64_t value = 0;
        if (!codec::take_varint(rest, value)) damaged(sequence, offset(), what);
        return value;
    };
    const auto bytes_or_throw = [&](std::uint64_t size, const char* what) {
        if (size > rest.size()) damaged(sequence, offset(), what);
        return take_bytes(rest, static_cast<std::size_t>(size));
    };

    if (rest.empty()) damaged(sequence, 0, "it is empty");
    if (const auto given = static_cast<unsigned char>(rest.front()); given > format) {
        throw Error{
            ErrorCode::newer_format,
            fmt::format("commit record {}: format {} is newer than the {} that this version "
                        "of the library knows; use a newer version",
                        number(sequence), given, format)};
    }
    if (rest.front() == 0) damaged(sequence, 0, "no version has this format");
    rest.remove_prefix(1);
    for (const TreeId tree : trees_all) {
        Part& part = parts_[index_of(tree)];
        const std::uint64_t count = number_or_throw("the number of changes is missing");
        // A change takes at least two bytes; a larger count would allocate too much before it is
        // found wrong.
        if (count > rest.size() / 2) damaged(sequence, offset(), "more changes than bytes");
        part.count = static_cast<std::size_t>(count);
        const Bytes start = rest;
        Bytes before;
        for (std::size_t i = 0; i < part.count; ++i) {
            const Bytes key =
                bytes_or_throw(number_or_throw("a key's size is missing"), "a key is cut off");
            if (key.empty() || (i > 0 && key <= before)) {
                damaged(sequence, offset(), "keys are empty or out of order");
            }
            const std::uint64_t value_size = number_or_throw("a value's size is missing");
            if (value_size > 0) bytes_or_throw(value_size - 1, "a value is cut off");
            part.puts += value_size > 0 && !is_bookkeeping(key);
            part.content_bytes +=
                key.size() + static_cast<std::size_t>(value_size > 0 ? value_size - 1 : 0);
            before = key;
        }
        part.bytes = start.substr(0, start.size() - rest.size());
    }
    Part& events = parts_[trees_count];
    const std::uint64_t count = number_or_throw("the number of events is missing");
    if (count > rest.size()) damaged(sequence, offset(), "more events than bytes");
    events.count = static_cast<std::size_t>(count);
    events.bytes = rest;
    for (std::size_t i = 0; i < events.count; ++i) {
        events.content_bytes +=
            bytes_or_throw(number_or_throw("an event's size is missing"), "an event is cut off")
                .size();
    }
    if (!rest.empty()) damaged(sequence, offset(), "bytes after the last event");
}

Record::Change Record::take_change(Bytes& rest) noexcept {
    Change change;
    change.key = take_bytes(rest, static_cast<std::size_t>(take_number(rest)));
    if (const std::uint64_t size = take_number(rest); size > 0) {
        change.value = take_bytes(rest, static_cast<std::size_t>(size - 1));
    }
    return change;
}

Bytes Record::take_event(Bytes& rest) noexcept {
    return take_bytes(rest, static_cast<std::size_t>(take_number(rest)));
}

}  // namespace amphora::outbox

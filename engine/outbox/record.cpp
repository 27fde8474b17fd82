#include "outbox/record.hpp"

#include "base/assert.hpp"
#include "codec/bytes_io.hpp"
#include "codec/utf8.hpp"
#include "codec/varint.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <cstring>

namespace amphora::outbox {
namespace {

constexpr std::uint8_t format = 2;

// The number `what` of a change.
constexpr std::uint64_t flag_existed = 1;
constexpr std::uint64_t flag_state_before = 2;
constexpr std::uint64_t value_unit = 4;

[[noreturn]] void damaged(Sequence sequence, std::size_t offset, const char* what) {
    throw Error{ErrorCode::corrupt,
                fmt::format("commit record {}, offset {}: {}; run `amphora check`",
                            number(sequence), offset, what)};
}

/// Returns the end.
char* copy(char* out, Bytes bytes) noexcept {
    if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
    return out + bytes.size();
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

RecordWriter::RecordWriter(std::size_t bytes, std::span<const Context> contexts)
    : has_places_{contexts.size() > 1} {
    bytes_.reserve(bytes);
    char head[1 + codec::varint_bytes_max] = {static_cast<char>(format)};
    const char* const end = codec::write_varint(head + 1, contexts.size());
    bytes_.append(head, static_cast<std::size_t>(end - head));
    for (const Context& context : contexts) {
        for (const Bytes text : {context.origin, context.correlation, context.causation}) {
            codec::append_counted(bytes_, text);
        }
    }
}

void RecordWriter::refer_to(std::size_t context) {
    if (has_places_) codec::append_varint(bytes_, context);
}

void RecordWriter::begin_changes(std::size_t count) {
    codec::append_varint(bytes_, count);
}
void RecordWriter::change(const Change& change) {
    AMPHORA_DEBUG_ASSERT(!change.state_before || change.before == Before::present);
    const Bytes value = change.value.value_or(Bytes{});
    const Bytes state = change.state_before.value_or(Bytes{});
    const std::uint64_t what = (change.value ? value_unit * (value.size() + 1) : 0) +
                               (change.before == Before::present ? flag_existed : 0) +
                               (change.state_before ? flag_state_before : 0);
    std::size_t size = codec::varint_size(change.key.size()) + change.key.size() +
                       codec::varint_size(what) + value.size();
    if (has_places_) size += codec::varint_size(change.context);
    if (change.state_before) size += codec::varint_size(state.size()) + state.size();

    // One step for the room, because records are made while other writers wait.
    const std::size_t begin = bytes_.size();
    bytes_.resize(begin + size);
    char* out = bytes_.data() + begin;
    if (has_places_) out = codec::write_varint(out, change.context);
    out = copy(codec::write_varint(out, change.key.size()), change.key);
    out = copy(codec::write_varint(out, what), value);
    if (change.state_before) out = copy(codec::write_varint(out, state.size()), state);
    AMPHORA_DEBUG_ASSERT(out == bytes_.data() + bytes_.size());
}
void RecordWriter::begin_events(std::size_t count) {
    codec::append_varint(bytes_, count);
}
void RecordWriter::event(Bytes event, std::size_t context) {
    refer_to(context);
    codec::append_counted(bytes_, event);
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
    if (rest.front() != format) {
        throw Error{
            ErrorCode::unsupported,
            fmt::format("commit record {}: format {} is of a version before the first "
                        "release, and this version reads {}; dump the database with the "
                        "version that wrote it, and load the dump with this one",
                        number(sequence), static_cast<unsigned char>(rest.front()), format)};
    }
    rest.remove_prefix(1);
    const auto text_or_throw = [&] {
        const Bytes text = bytes_or_throw(
            number_or_throw("the size of a context's text is missing"), "a context is cut off");
        if (text.size() > context_text_bytes_max) {
            damaged(sequence, offset(), "a context's text is too long");
        }
        if (!codec::is_utf8(text)) damaged(sequence, offset(), "a context's text is not UTF-8");
        return text;
    };
    const std::uint64_t contexts = number_or_throw("the number of contexts is missing");
    // Three texts take at least three bytes.
    if (contexts > rest.size() / 3) damaged(sequence, offset(), "more contexts than bytes");
    contexts_.reserve(static_cast<std::size_t>(contexts));
    for (std::uint64_t i = 0; i < contexts; ++i) {
        Context& context = contexts_.emplace_back();
        context.origin = text_or_throw();
        context.correlation = text_or_throw();
        context.causation = text_or_throw();
    }
    const auto place_or_throw = [&] {
        if (has_places() && number_or_throw("a context's place is missing") >= contexts_.size()) {
            damaged(sequence, offset(), "a context that is not in the record");
        }
    };
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
            place_or_throw();
            const Bytes key =
                bytes_or_throw(number_or_throw("a key's size is missing"), "a key is cut off");
            if (key.empty() || (i > 0 && key <= before)) {
                damaged(sequence, offset(), "keys are empty or out of order");
            }
            const std::uint64_t what = number_or_throw("a value's size is missing");
            const bool is_put = what >= value_unit;
            const std::uint64_t value_bytes = is_put ? what / value_unit - 1 : 0;
            bytes_or_throw(value_bytes, "a value is cut off");
            if ((what & flag_state_before) != 0) {
                if ((what & flag_existed) == 0) {
                    damaged(sequence, offset(),
                            "a state before the commit of a key that did not exist");
                }
                bytes_or_throw(number_or_throw("the size of a state before is missing"),
                               "a state before is cut off");
            }
            part.puts += is_put && !is_bookkeeping(key);
            part.content_bytes += key.size() + static_cast<std::size_t>(value_bytes);
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
        place_or_throw();
        events.content_bytes +=
            bytes_or_throw(number_or_throw("an event's size is missing"), "an event is cut off")
                .size();
    }
    if (!rest.empty()) damaged(sequence, offset(), "bytes after the last event");
}

void Record::take(Bytes& rest, Change& change) const noexcept {
    change = {};
    if (has_places()) change.context = static_cast<std::size_t>(take_number(rest));
    change.key = take_bytes(rest, static_cast<std::size_t>(take_number(rest)));
    const std::uint64_t what = take_number(rest);
    change.before = (what & flag_existed) != 0 ? Before::present : Before::absent;
    if (what >= value_unit) {
        change.value = take_bytes(rest, static_cast<std::size_t>(what / value_unit - 1));
    }
    if ((what & flag_state_before) != 0) {
        change.state_before = take_bytes(rest, static_cast<std::size_t>(take_number(rest)));
    }
}

void Record::take(Bytes& rest, Event& event) const noexcept {
    event = {};
    if (has_places()) event.context = static_cast<std::size_t>(take_number(rest));
    event.bytes = take_bytes(rest, static_cast<std::size_t>(take_number(rest)));
}

}  // namespace amphora::outbox

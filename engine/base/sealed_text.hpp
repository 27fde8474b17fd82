#pragma once

#include "base/bytes.hpp"
#include "base/file.hpp"
#include "base/ids.hpp"

#include <charconv>
#include <optional>
#include <string>

/// Small files of text that people can read and nobody can half write: lines "label value", the
/// last of which is the checksum of all bytes before it:
///
///   checksum 9c2f4be07d1a3355
namespace amphora {

/// Replaces the file in one step that survives a power cut at any moment.
void write_sealed(FileSystem& files, const std::string& directory, const std::string& name,
                  std::string text);

/// What to do about a damaged one, unless its kind knows better.
inline constexpr Bytes advice_for_damaged = "restore the file from a backup of this database";

/// The lines before the checksum; nothing if there is no such file. Throws `corrupt`.
[[nodiscard]] std::optional<Buffer> read_sealed(FileSystem& files, const std::string& path,
                                                Bytes advice = advice_for_damaged);

[[noreturn]] void damaged_text(const std::string& path, Bytes what,
                               Bytes advice = advice_for_damaged);

/// Takes the line "<label> <rest>" off the front of `text`; nothing if it is another.
[[nodiscard]] std::optional<Bytes> take_line(Bytes& text, Bytes label);

template <class Number>
[[nodiscard]] bool parse_number(Bytes text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

[[nodiscard]] bool parse_uuid(Bytes text, Uuid& uuid);

}  // namespace amphora

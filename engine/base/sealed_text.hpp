#pragma once

#include "base/bytes.hpp"
#include "base/file.hpp"
#include "base/ids.hpp"
#include "base/lineage.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Small text files that people can read and that are never half written: lines "label value", the
/// last of which is the checksum of all bytes before it:
///
///   checksum 9c2f4be07d1a3355
namespace amphora {

/// Replaces the file in one step. After a power cut at any moment either the old or the new file is
/// there.
void write_sealed(FileSystem& files, const std::string& directory, const std::string& name,
                  std::string text);

/// What to do about a damaged file, unless its kind has better advice.
inline constexpr Bytes advice_for_damaged = "restore the file from a backup of this database";

/// The lines before the checksum; nothing if there is no such file. Throws `corrupt`.
[[nodiscard]] std::optional<Buffer> read_sealed(FileSystem& files, const std::string& path,
                                                Bytes advice = advice_for_damaged);

[[noreturn]] void damaged_text(const std::string& path, Bytes what,
                               Bytes advice = advice_for_damaged);

/// Removes the line "<label> <rest>" from the front of `text` and returns the rest; none if the
/// first line has another label.
[[nodiscard]] std::optional<Bytes> take_line(Bytes& text, Bytes label);

/// Removes the first line, "<title>, format <number>", from the front of `text` and returns the
/// number. Throws `corrupt` for another line, and `newer_format` for a number above `newest`.
[[nodiscard]] std::uint32_t take_format(const std::string& path, Bytes& text, Bytes title,
                                        std::uint32_t newest, Bytes advice = advice_for_damaged);

template <class Number>
[[nodiscard]] bool parse_number(Bytes text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

[[nodiscard]] bool parse_uuid(Bytes text, Uuid& uuid);

/// A line for each: "ancestor 00112233445566778899aabbccddeeff 4711 restored".
[[nodiscard]] std::string to_lines(const std::vector<Ancestor>& ancestors);
/// Removes them from the front of `text`. False: one is not understood.
[[nodiscard]] bool take_ancestors(Bytes& text, std::vector<Ancestor>& ancestors);

}  // namespace amphora

#include "base/sealed_text.hpp"

#include "base/checksum.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace amphora {
namespace {

constexpr std::size_t checksum_line_bytes = 9 + 16 + 1;  // "checksum ", digits, end of line
constexpr std::size_t file_bytes_max = 64 * 1024;
constexpr std::array<std::string_view, 2> ends{"restored", "repaired"};

std::string checksum_line(Bytes body) {
    return fmt::format("checksum {:016x}\n", checksum64(body));
}

}  // namespace

void damaged_text(const std::string& path, Bytes what, Bytes advice) {
    throw Error{ErrorCode::corrupt, fmt::format("{}: {}; {}", path, what, advice)};
}

void write_sealed(FileSystem& files, const std::string& directory, const std::string& name,
                  std::string text) {
    const std::string path = directory + "/" + name;
    const std::string temporary = path + ".new";
    if (files.exists(temporary)) files.remove(temporary);  // a crash left it half written
    text += checksum_line(text);
    {
        const auto file = files.open(temporary, OpenFile::create_new);
        file->write_at(0, text);
        file->sync();
    }
    files.rename(temporary, path);
    files.sync_directory(directory);
}

std::optional<Buffer> read_sealed(FileSystem& files, const std::string& path, Bytes advice) {
    if (!files.exists(path)) return std::nullopt;
    Buffer text = files.open(path, OpenFile::existing_read_only)->read_at(0, file_bytes_max);
    if (text.size() < checksum_line_bytes) damaged_text(path, "the file is too short", advice);
    const std::string line = text.substr(text.size() - checksum_line_bytes);
    text.resize(text.size() - checksum_line_bytes);
    if (line != checksum_line(text)) damaged_text(path, "its checksum does not match", advice);
    return text;
}

std::optional<Bytes> take_line(Bytes& text, Bytes label) {
    const std::size_t end = text.find('\n');
    if (end == Bytes::npos || !text.starts_with(label)) return std::nullopt;
    const Bytes rest = text.substr(label.size(), end - label.size());
    text.remove_prefix(end + 1);
    return rest;
}

std::uint32_t take_format(const std::string& path, Bytes& text, Bytes title, std::uint32_t newest,
                          Bytes advice) {
    const auto line = take_line(text, fmt::format("{}, format ", title));
    std::uint32_t format = 0;
    if (!line || !parse_number(*line, format)) damaged_text(path, "it names no format", advice);
    if (format > newest) {
        throw Error{ErrorCode::newer_format,
                    fmt::format("{}: format {} is newer than the {} that this version of the "
                                "library knows; use a newer version",
                                path, format, newest)};
    }
    return format;
}

std::string to_lines(const std::vector<Ancestor>& ancestors) {
    std::string lines;
    for (const Ancestor& each : ancestors) {
        lines += fmt::format("ancestor {} {} {}\n", to_string(each.timeline), number(each.last),
                             ends[static_cast<std::size_t>(each.end)]);
    }
    return lines;
}

bool take_ancestors(Bytes& text, std::vector<Ancestor>& ancestors) {
    while (const auto line = take_line(text, "ancestor ")) {
        const std::size_t first = line->find(' ');
        const std::size_t second = line->rfind(' ');
        if (first == Bytes::npos || first == second) return false;
        Ancestor ancestor;
        std::uint64_t last = 0;
        const auto end = std::ranges::find(ends, line->substr(second + 1));
        if (end == ends.end() || !parse_uuid(line->substr(0, first), ancestor.timeline) ||
            !parse_number(line->substr(first + 1, second - first - 1), last)) {
            return false;
        }
        ancestor.last = Sequence{last};
        ancestor.end = static_cast<Ancestor::End>(end - ends.begin());
        ancestors.push_back(ancestor);
    }
    return true;
}

bool parse_uuid(Bytes text, Uuid& uuid) {
    if (text.size() != 2 * uuid.bytes.size()) return false;
    for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
        const char* digits = text.data() + 2 * i;
        const auto [end, error] = std::from_chars(digits, digits + 2, uuid.bytes[i], 16);
        if (error != std::errc{} || end != digits + 2) return false;
    }
    return true;
}

}  // namespace amphora

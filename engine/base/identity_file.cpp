#include "base/identity_file.hpp"

#include "base/checksum.hpp"

#include <amphora/error.hpp>

#include <charconv>

#include <fmt/format.h>

namespace amphora {
namespace {

constexpr std::size_t checksum_line_bytes = 9 + 16 + 1;  // "checksum ", digits, end of line
constexpr std::size_t file_bytes_max = 64 * 1024;

std::string path_of(const std::string& directory) {
    return directory + "/" + IdentityFile::name;
}

std::string checksum_line(Bytes body) {
    return fmt::format("checksum {:016x}\n", checksum64(body));
}

std::string encode(const IdentityFile& content) {
    std::string text =
        fmt::format("amphora database, format {}\ndatabase {}\ntimeline {}\ncreated {}\n",
                    content.format, to_string(content.identity.database),
                    to_string(content.identity.timeline), content.created_us);
    text += checksum_line(text);
    return text;
}

/// Takes the line "<label> <rest>" off the front of `text`; nothing if it is another.
std::optional<Bytes> take_line(Bytes& text, Bytes label) {
    const std::size_t end = text.find('\n');
    if (end == Bytes::npos || !text.starts_with(label)) return std::nullopt;
    const Bytes rest = text.substr(label.size(), end - label.size());
    text.remove_prefix(end + 1);
    return rest;
}

template <class Number>
bool parse_number(Bytes text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
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

bool parse_body(Bytes text, IdentityFile& content) {
    const auto database = take_line(text, "database ");
    const auto timeline = take_line(text, "timeline ");
    const auto created = take_line(text, "created ");
    return database && timeline && created && text.empty() &&
           parse_uuid(*database, content.identity.database) &&
           parse_uuid(*timeline, content.identity.timeline) &&
           parse_number(*created, content.created_us);
}

[[noreturn]] void damaged(const std::string& path, Bytes what) {
    throw Error{ErrorCode::corrupt,
                fmt::format("{}: {}; restore the file from a backup of this database", path, what)};
}

}  // namespace

void write_identity(FileSystem& files, const std::string& directory, const IdentityFile& content) {
    const std::string path = path_of(directory);
    const std::string temporary = path + ".new";
    if (files.exists(temporary)) files.remove(temporary);  // a crash left it half written
    {
        const auto file = files.open(temporary, OpenFile::create_new);
        file->write_at(0, encode(content));
#ifndef AMPHORA_MUTANT_IDENTITY_NOT_SYNCED
        file->sync();
#endif
    }
    files.rename(temporary, path);
#ifndef AMPHORA_MUTANT_IDENTITY_NAME_NOT_SYNCED
    files.sync_directory(directory);
#endif
}

std::optional<IdentityFile> read_identity(FileSystem& files, const std::string& directory) {
    const std::string path = path_of(directory);
    if (!files.exists(path)) return std::nullopt;
    const Buffer text = files.open(path, OpenFile::existing_read_only)->read_at(0, file_bytes_max);
    if (text.size() < checksum_line_bytes) damaged(path, "the file is too short");
    Bytes body = Bytes(text).substr(0, text.size() - checksum_line_bytes);
    if (Bytes(text).substr(body.size()) != checksum_line(body))
        damaged(path, "its checksum does not match");

    IdentityFile content;
    const auto format = take_line(body, "amphora database, format ");
    if (!format || !parse_number(*format, content.format)) damaged(path, "it names no format");
    if (content.format > IdentityFile::format_newest)
        throw Error{
            ErrorCode::newer_format,
            fmt::format("{}: format {} is newer than the {} that this version of the library "
                        "knows; open the database with a newer version",
                        path, content.format, IdentityFile::format_newest)};
    if (!parse_body(body, content)) damaged(path, "a line is not understood");
    return content;
}

}  // namespace amphora

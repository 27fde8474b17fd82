#include "base/identity_file.hpp"

#include "base/clock.hpp"
#include "base/sealed_text.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora {
namespace {

bool parse_body(Bytes text, IdentityFile& content) {
    const auto database = take_line(text, "database ");
    const auto timeline = take_line(text, "timeline ");
    const bool are_understood = take_ancestors(text, content.ancestors);
    const auto created = take_line(text, "created ");
    return database && timeline && are_understood && created && text.empty() &&
           parse_uuid(*database, content.identity.database) &&
           parse_uuid(*timeline, content.identity.timeline) &&
           parse_number(*created, content.created_us);
}

}  // namespace

void write_identity(FileSystem& files, const std::string& directory, const IdentityFile& content) {
    write_sealed(
        files, directory, IdentityFile::name,
        fmt::format("amphora database, format {}\ndatabase {}\ntimeline {}\n{}created {}\n",
                    content.format, to_string(content.identity.database),
                    to_string(content.identity.timeline), to_lines(content.ancestors),
                    content.created_us));
}

void write_new_identity(FileSystem& files, const std::string& directory, const Identity& identity,
                        const std::vector<Ancestor>& ancestors) {
    IdentityFile content;
    content.identity = identity;
    content.ancestors = ancestors;
    content.created_us = now_us();
    write_identity(files, directory, content);
}

std::optional<IdentityFile> read_identity(FileSystem& files, const std::string& directory) {
    const std::string path = directory + "/" + IdentityFile::name;
    const std::optional<Buffer> text = read_sealed(files, path);
    if (!text) return std::nullopt;
    Bytes body = *text;
    IdentityFile content;
    content.format = take_format(path, body, "amphora database", IdentityFile::format_newest);
    if (!parse_body(body, content)) damaged_text(path, "a line is not understood");
    return content;
}

}  // namespace amphora

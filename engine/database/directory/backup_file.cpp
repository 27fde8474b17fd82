#include "database/directory/backup_file.hpp"

#include "base/sealed_text.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora {

namespace {

bool parse_body(Bytes text, BackupFile& content) {
    const auto database = take_line(text, "database ");
    const auto timeline = take_line(text, "timeline ");
    const bool are_understood = take_ancestors(text, content.ancestors);
    const auto last = take_line(text, "last ");
    const auto taken = take_line(text, "taken ");
    std::uint64_t last_number = 0;
    const bool understood = database && timeline && are_understood && last && taken &&
                            text.empty() && parse_uuid(*database, content.identity.database) &&
                            parse_uuid(*timeline, content.identity.timeline) &&
                            parse_number(*last, last_number) &&
                            parse_number(*taken, content.taken_us);
    content.last = Sequence{last_number};
    return understood;
}

}  // namespace

void write_backup_file(FileSystem& files, const std::string& directory, const BackupFile& content) {
    write_sealed(
        files, directory, BackupFile::name,
        fmt::format("amphora backup, format {}\ndatabase {}\ntimeline {}\n{}last {}\ntaken {}\n",
                    content.format, to_string(content.identity.database),
                    to_string(content.identity.timeline), to_lines(content.ancestors),
                    number(content.last), content.taken_us));
}

std::optional<BackupFile> read_backup_file(FileSystem& files, const std::string& directory) {
    const std::string path = directory + "/" + BackupFile::name;
    const std::optional<Buffer> text = read_sealed(files, path);
    if (!text) return std::nullopt;
    Bytes body = *text;
    BackupFile content;
    content.format = take_format(path, body, "amphora backup", BackupFile::format_newest);
    if (!parse_body(body, content)) damaged_text(path, "a line is not understood");
    return content;
}

}  // namespace amphora

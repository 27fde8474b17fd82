#include "database/directory/archive_file.hpp"

#include "base/sealed_text.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora {

namespace {

constexpr Bytes advice =
    "name the archive again, by Options::archive_directory or `amphora archive DATABASE ARCHIVE "
    "--keep`, or open the database with Archiving::stops";

}  // namespace

void write_archive_file(FileSystem& files, const std::string& directory,
                        const ArchiveFile& content) {
    write_sealed(files, directory, ArchiveFile::name,
                 fmt::format("amphora archiving, format {}\ndirectory {}\nbegun {}\n",
                             content.format, content.directory, content.begun ? "yes" : "no"));
}

std::optional<ArchiveFile> read_archive_file(FileSystem& files, const std::string& directory) {
    const std::string path = directory + "/" + ArchiveFile::name;
    const std::optional<Buffer> text = read_sealed(files, path, advice);
    if (!text) return std::nullopt;
    Bytes body = *text;
    ArchiveFile content;
    content.format =
        take_format(path, body, "amphora archiving", ArchiveFile::format_newest, advice);
    const auto place = take_line(body, "directory ");
    const auto begun = take_line(body, "begun ");
    if (!place || place->empty() || !begun || !body.empty()) {
        damaged_text(path, "a line is not understood", advice);
    }
    content.directory = *place;
    content.begun = *begun == "yes";
    return content;
}

void remove_archive_file(FileSystem& files, const std::string& directory) {
    const std::string path = directory + "/" + ArchiveFile::name;
    if (!files.exists(path)) return;
    files.remove(path);
    files.sync_directory(directory);
}

}  // namespace amphora

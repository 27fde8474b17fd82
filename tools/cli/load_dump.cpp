#include "cli/load_dump.hpp"

#include "cli/dump_contents.hpp"
#include "database/directory/unfinished_directory.hpp"
#include "database/system_access.hpp"
#include "loading/input_file.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace amphora::cli {

namespace {

/// Finds a file that was changed or cut since the dump, before anything is made.
void require_as_dumped(const std::string& path, const SpaceText& dumped) {
    loading::InputFile file{path};
    TextChecksum checksum;
    std::array<char, 65536> chunk;
    while (const std::size_t bytes = file.read(chunk.data(), chunk.size())) {
        checksum.add({chunk.data(), bytes});
    }
    if (file.bytes_read() == dumped.bytes && checksum.finish() == dumped.checksum) return;
    throw Error{ErrorCode::corrupt,
                fmt::format("{}: is not as it was dumped; dump the database again, or load a file "
                            "that was changed on purpose by itself: amphora load DATABASE NAME {}",
                            path, path)};
}

std::string place_of(const std::string& path, const loading::Rejection& rejection) {
    return fmt::format("{}:{}: {}", path, rejection.line, rejection.reason);
}

/// Loads the files and compares what is then stored with the dump.
class DumpLoading {
  public:
    DumpLoading(const std::string& directory, const DumpContents& contents,
                const loading::LoadOptions& options,
                const std::function<void(std::uint64_t, std::uint64_t)>& progress)
        : directory_{directory}, contents_{contents}, options_{options}, progress_{progress} {
        for (const DumpedFile& file : contents.files) bytes_all_ += file.text.bytes;
    }

    DumpLoadReport run(const std::string& path) {
        const std::string schema = loading::read_all(path_of(std::string{DumpContents::schema}));
        Database database =
            Database::open(path, Schema{.name = DumpContents::schema, .text = schema});
        // What the engine keeps belongs to the dump, too.
        detail::SystemAccess::allow_writes(database);
        for (const DumpedFile& file : contents_.files) load(database, file);
        require_same(database);
        database.close();
        return report_;
    }

  private:
    [[nodiscard]] std::string path_of(const std::string& file) const {
        return directory_ + "/" + file;
    }

    void load(Database& database, const DumpedFile& file) {
        const std::string path = path_of(file.file);
        loading::LoadOptions options = options_;
        options.progress = [&](std::uint64_t bytes, std::uint64_t) {
            progress_(report_.bytes + bytes, bytes_all_);
        };
        const loading::LoadReport loaded =
            file.is_collection ? loading::load_json(database, Collection{file.name}, path, options)
                               : loading::load_csv(database, Table{file.name}, path, options);
        if (loaded.rejected != 0) {
            throw Error{ErrorCode::corrupt,
                        fmt::format("{} ({} lines are refused)",
                                    place_of(path, loaded.rejections.front()), loaded.rejected)};
        }
        (file.is_collection ? report_.collections : report_.tables) += 1;
        (file.is_collection ? report_.documents : report_.rows) += loaded.loaded;
        report_.bytes += file.text.bytes;
    }

    [[nodiscard]] bool is_dumped(const std::string& name) const {
        return std::ranges::find(contents_.files, name, &DumpedFile::name) != contents_.files.end();
    }

    void require_same(const Database& database) const {
        const Snapshot now = database.snapshot();
        std::vector<SpaceReport> spaces = database.describe(Spaces::all);
        std::erase_if(spaces, [&](const SpaceReport& space) {
            return space.is_system && !is_dumped(space.name);
        });
        if (spaces.size() != contents_.files.size()) {
            throw Error{ErrorCode::corrupt,
                        fmt::format("{}: the schema has {} tables and collections, the dump {}",
                                    directory_, spaces.size(), contents_.files.size())};
        }
        for (std::size_t at = 0; at < spaces.size(); ++at) {
            const DumpedFile& file = contents_.files[at];
            if (spaces[at].name == file.name && measure_space(now, spaces[at]) == file.text) {
                continue;
            }
            throw Error{ErrorCode::corrupt,
                        fmt::format("{}: what was loaded into {} is not what was dumped",
                                    path_of(file.file), file.name)};
        }
    }

    const std::string& directory_;
    const DumpContents& contents_;
    const loading::LoadOptions& options_;
    const std::function<void(std::uint64_t, std::uint64_t)>& progress_;
    std::uint64_t bytes_all_ = 0;
    DumpLoadReport report_;
};

}  // namespace

DumpLoadReport load_dump(const std::string& database, const std::string& directory,
                         const loading::LoadOptions& options,
                         const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    const DumpContents contents = read_dump_contents(directory);
    UnfinishedDirectory unfinished{database};
    for (const DumpedFile& file : contents.files) {
        require_as_dumped(directory + "/" + file.file, file.text);
    }
    unfinished.lock().reset();  // for the database, which takes it in the same directory
    DumpLoading loading{directory, contents, options, progress};
    const DumpLoadReport report = loading.run(unfinished.path());
    unfinished.finish();
    return report;
}

}  // namespace amphora::cli

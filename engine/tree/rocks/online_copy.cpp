#include "tree/rocks/online_copy.hpp"

#include "base/file.hpp"
#include "tree/rocks/environment/status.hpp"

#include <rocksdb/db.h>
#include <rocksdb/metadata.h>
#include <rocksdb/options.h>

#include <limits>
#include <vector>

namespace amphora::rocks {

namespace {

/// While it lives no table file is deleted, although compactions continue.
class KeptFiles {
  public:
    explicit KeptFiles(OpenedDatabase& database) : database_{database} {
        throw_if_failed(
            database.inside([](rocksdb::DB& rocks) { return rocks.DisableFileDeletions(); }),
            "keeping its files", database.path());
    }
    ~KeptFiles() {
        // Files that stay a little longer are harmless; the next opening removes them.
        try {
            static_cast<void>(database_.inside(
                [](rocksdb::DB& rocks) { return rocks.EnableFileDeletions(false).ok(); }));
        } catch (const Error&) {  // NOLINT: the same
        }
    }
    KeptFiles(const KeptFiles&) = delete;
    KeptFiles& operator=(const KeptFiles&) = delete;

    [[nodiscard]] std::vector<rocksdb::LiveFileStorageInfo> list() const {
        rocksdb::LiveFilesStorageInfoOptions options;
        options.wal_size_for_flush = std::numeric_limits<std::uint64_t>::max();  // never
        std::vector<rocksdb::LiveFileStorageInfo> found;
        throw_if_failed(database_.inside([&](rocksdb::DB& rocks) {
            return rocks.GetLiveFilesStorageInfo(options, &found);
        }),
                        "listing its files", database_.path());
        return found;
    }

  private:
    OpenedDatabase& database_;
};

bool never_changes(const rocksdb::LiveFileStorageInfo& file) {
    return file.file_type == rocksdb::kTableFile || file.file_type == rocksdb::kBlobFile;
}

void take(FileSystem& files, const rocksdb::LiveFileStorageInfo& file, const std::string& directory,
          const Copied& copied) {
    const std::string from = file.directory + "/" + file.relative_filename;
    const std::string to = directory + "/" + file.relative_filename;
    if (!file.replacement_contents.empty()) {
        const auto written = files.open(to, OpenFile::create_new);
        written->write_at(0, file.replacement_contents);
        written->sync();
        copied(file.size);
    } else if (never_changes(file) && link_file(from, to)) {
        copied(file.size);
    } else {
        copy_file(files, from, to, file.size, copied);
    }
}

}  // namespace

void copy_online(OpenedDatabase& database, const std::string& directory, const Copied& copied) {
    FileSystem& files = operating_system_files();
    files.make_directory(directory);
    const KeptFiles kept(database);
    for (const rocksdb::LiveFileStorageInfo& file : kept.list()) {
        take(files, file, directory, copied);
    }
    files.sync_directory(directory);
}

}  // namespace amphora::rocks

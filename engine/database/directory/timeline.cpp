#include "database/directory/timeline.hpp"

#include "base/file.hpp"
#include "base/identity_file.hpp"
#include "database/directory/directory.hpp"

namespace amphora {

void begin_timeline(const std::string& directory, const Identity& identity,
                    journal::Beginning beginning) {
    FileSystem& files = operating_system_files();
    const DatabasePaths paths{directory};
    beginning.epoch = after_all_of(beginning.epoch);
    files.make_directory(paths.journal);
    journal::Journal::create(files, paths.journal, identity, beginning);
    files.sync_directory(directory);
    write_new_identity(files, directory, identity);
}

}  // namespace amphora

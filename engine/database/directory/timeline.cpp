#include "database/directory/timeline.hpp"

#include "base/file.hpp"
#include "base/identity_file.hpp"
#include "database/directory/directory.hpp"
#include "journal/archive/continued_journal.hpp"

namespace amphora {

Mark begin_journal(const std::string& directory, const Identity& identity,
                   journal::Beginning beginning, const std::optional<TakenOver>& taken_over) {
    FileSystem& files = operating_system_files();
    const DatabasePaths paths{directory};
    beginning.epoch = after_all_of(beginning.epoch);
    files.make_directory(paths.journal);
    if (taken_over) {
        return journal::create_with_commits(files, paths.journal, identity, beginning,
                                            taken_over->commits, taken_over->last,
                                            taken_over->segment_bytes);
    }
    journal::Journal::create(files, paths.journal, identity, beginning);
    return beginning.prior;
}

void begin_timeline(const std::string& directory, const Identity& identity,
                    const std::vector<Ancestor>& ancestors) {
    FileSystem& files = operating_system_files();
    files.sync_directory(directory);
    write_new_identity(files, directory, identity, ancestors);
}

}  // namespace amphora

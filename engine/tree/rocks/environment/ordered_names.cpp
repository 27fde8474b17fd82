#include "tree/rocks/environment/ordered_names.hpp"

namespace amphora::rocks {

rocksdb::IOStatus OrderedNames::RenameFile(const std::string& from, const std::string& to,
                                           const rocksdb::IOOptions& options,
                                           rocksdb::IODebugContext* debug) {
    std::unique_ptr<rocksdb::FSDirectory> directory;
    rocksdb::IOStatus status =
        NewDirectory(to.substr(0, to.find_last_of('/')), options, &directory, debug);
    if (status.ok()) status = directory->Fsync(options, debug);
    if (!status.ok()) return status;
    return FileSystemWrapper::RenameFile(from, to, options, debug);
}

}  // namespace amphora::rocks

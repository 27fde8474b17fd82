#include "journal/following/present_file.hpp"

#include <amphora/error.hpp>

namespace amphora::journal {

std::unique_ptr<File> find_file(FileSystem& files, const std::string& path) {
    try {
        return files.open(path, OpenFile::existing_read_only);
    } catch (const Error&) {
        if (!files.exists(path)) return nullptr;
    }
    // Another file has got its name meanwhile, or there is another reason, which this call meets,
    // too.
    return files.open(path, OpenFile::existing_read_only);
}

}  // namespace amphora::journal

#include "cli/schema_files.hpp"

#include "loading/input_file.hpp"

#include <filesystem>

namespace amphora::cli {

SchemaFiles::SchemaFiles(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
        names_.push_back(std::filesystem::path{path}.filename().string());
        texts_.push_back(loading::read_all(path));
    }
    for (std::size_t at = 0; at < paths.size(); ++at) schemas_.push_back({names_[at], texts_[at]});
}

}  // namespace amphora::cli

#include "database/json/broker_names.hpp"

#include <filesystem>

namespace amphora::detail {

std::string name_of_directory(const std::string& path) {
    std::filesystem::path directory{path};
    if (!directory.has_filename()) directory = directory.parent_path();
    if (directory.filename() == "." || directory.filename() == "..") {
        directory = std::filesystem::absolute(directory).lexically_normal();
        if (!directory.has_filename()) directory = directory.parent_path();
    }
    return (directory.extension() == ".amphora" ? directory.stem() : directory.filename()).string();
}

std::string topic_of_name(std::string_view name) {
    std::string topic;
    for (const char byte : name) {
        const bool continues = (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
        const bool is_plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                              (byte >= '0' && byte <= '9') || byte == '.' || byte == '-';
        if (is_plain) {
            topic += byte;
        } else if (!continues) {
            topic += '_';  // one for each character
        }
    }
    return topic;
}

}  // namespace amphora::detail

#include "database/rescue/quarantine.hpp"

#include "base/file.hpp"
#include "codec/key/ordered_key.hpp"

#include <amphora/document.hpp>
#include <amphora/error.hpp>

#include <fmt/format.h>

#include <filesystem>

namespace amphora {

namespace {

std::string hex(Bytes bytes) {
    std::string text;
    text.reserve(2 * bytes.size());
    for (const char byte : bytes) {
        text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    }
    return text;
}

/// A damaged key may be no valid key.
std::string described(Bytes key) {
    try {
        return codec::describe_key(key);
    } catch (const Error&) {
        return "";
    }
}

}  // namespace

Quarantine::Quarantine(const std::string& directory, const std::string& before)
    : path_{directory + "/" + name} {
    const std::string earlier = before + "/" + name;
    if (std::filesystem::exists(earlier)) std::filesystem::copy_file(earlier, path_);
}

void Quarantine::add(TreeId store, std::string_view space, Bytes key, Bytes value,
                     std::string_view why) {
    if (!file_.is_open()) file_.open(path_, std::ios::binary | std::ios::app);
    std::string line = to_json(Document{{"store", to_string(store)},
                                        {"name", space},
                                        {"key", hex(key)},
                                        {"key_text", described(key)},
                                        {"why", why}});
    line.pop_back();
    // Written separately: in hexadecimal a row of some megabytes is larger than a document may be.
    file_ << line << R"(, "value": ")" << hex(value) << "\"}\n";
    ++entries_;
}

void Quarantine::finish() {
    if (entries_ == 0) return;
    file_.close();
    if (!file_) {
        throw Error{
            ErrorCode::io_error,
            fmt::format("{}: could not be written; see that the disk has room and takes writes",
                        path_)};
    }
    operating_system_files().open(path_, OpenFile::existing)->sync();
}

}  // namespace amphora

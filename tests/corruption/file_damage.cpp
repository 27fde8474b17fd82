#include "corruption/file_damage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

namespace amphora::corruption {

namespace fs = std::filesystem;

void inflict(const std::vector<FileDamage>& damages, const std::string& directory) {
    for (const auto& [file, damage] : damages) {
        const std::string path = directory + "/" + file;
        if (!fs::exists(path)) continue;
        if (damage.kind == DamageKind::lost) {
            fs::remove(path);
            continue;
        }
        // An earlier damage may have cut the file.
        const std::uint64_t last = damage.kind == DamageKind::swapped_blocks
                                       ? std::max(damage.offset, damage.other)
                                       : damage.offset;
        if (last >= fs::file_size(path)) continue;
        std::ostringstream bytes;
        bytes << std::ifstream{path, std::ios::binary}.rdbuf();
        std::ofstream{path, std::ios::binary | std::ios::trunc}
            << damage.applied_to(std::move(bytes).str());
    }
}

std::string text_of(const std::vector<FileDamage>& damages) {
    std::string text;
    for (const auto& [file, damage] : damages) {
        text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", file, damage.text());
    }
    return text;
}

}  // namespace amphora::corruption

#include "catalog/language/made_names.hpp"

#include "base/checksum.hpp"
#include "catalog/language/token_stream.hpp"
#include "codec/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace amphora::catalog {

std::string made_name(std::string name) {
    constexpr std::size_t hash_digits = 16;
    if (name.size() <= identifier_bytes_max) return name;
    const std::string hash = fmt::format("_{:016x}", checksum64(name));
    return std::string{codec::first_bytes(name, identifier_bytes_max - hash_digits - 1)} + hash;
}

std::vector<std::string> name_indexes(const std::string& owner,
                                      const std::vector<syntax::Index>& sources) {
    std::vector<std::string> names(sources.size());
    const auto taken = [&](std::string_view name) {
        return same_name(name, "PRIMARY") ||
               std::any_of(names.begin(), names.end(),
                           [&](const std::string& other) { return same_name(other, name); });
    };
    for (std::size_t i = 0; i < sources.size(); ++i) {
        if (!sources[i].name) continue;
        if (taken(sources[i].name->text)) {
            fail_syntax(sources[i].name->place,
                        fmt::format("{} has an index {} already", owner, sources[i].name->text));
        }
        names[i] = sources[i].name->text;
    }
    for (std::size_t i = 0; i < sources.size(); ++i) {
        if (sources[i].name) continue;
        std::string columns;
        for (const syntax::Name& column : sources[i].columns) {
            columns += (columns.empty() ? "" : "_and_") + column.text;
        }
        const std::string name = fmt::format("{}_by_{}", owner, columns);
        std::string candidate = made_name(name);
        for (int again = 2; taken(candidate); ++again) {
            candidate = made_name(fmt::format("{}_{}", name, again));
        }
        names[i] = candidate;
    }
    return names;
}

}  // namespace amphora::catalog

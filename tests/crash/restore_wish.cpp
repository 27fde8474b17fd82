#include "crash/restore_wish.hpp"

#include "crash/copy_place.hpp"

#include <amphora/database.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace amphora::crash {

std::string RestoreWish::word() const {
    std::string word = std::to_string(copy);
    if (with_archive) word += ",archive";
    if (to_sequence) word += fmt::format(",sequence={}", *to_sequence);
    if (to_time_us) word += fmt::format(",time={}", *to_time_us);
    return word;
}

std::string RestoreWish::kind() const {
    const char* const end = to_sequence ? "to a sequence" : to_time_us ? "to a time" : "to the end";
    return fmt::format("{}{}", end, with_archive ? ", with the archive" : "");
}

RestoreOptions RestoreWish::options_for(const std::string& database, Options options) const {
    RestoreOptions wanted{.options = std::move(options)};
    if (with_archive) wanted.archive = place_of_archive(database);
    if (to_sequence) wanted.to_sequence = Sequence{*to_sequence};
    if (to_time_us) wanted.to_time = DateTime{*to_time_us};
    return wanted;
}

RestoreWish to_wish(const std::string& word) {
    std::istringstream parts{word};
    std::string part;
    std::getline(parts, part, ',');
    RestoreWish wish{.copy = std::stoull(part)};
    while (std::getline(parts, part, ',')) {
        const std::string value = part.substr(part.find('=') + 1);
        if (part == "archive") {
            wish.with_archive = true;
        } else if (part.starts_with("sequence=")) {
            wish.to_sequence = std::stoull(value);
        } else if (part.starts_with("time=")) {
            wish.to_time_us = std::stoll(value);
        } else {
            throw std::invalid_argument{"no way to restore a copy: " + word};
        }
    }
    return wish;
}

std::optional<std::uint64_t> end_of_archive(const std::string& database) {
    const std::string archive = place_of_archive(database);
    if (!std::filesystem::exists(archive)) return std::nullopt;
    const std::vector<ArchiveRange> ranges = Database::archived(archive);
    if (ranges.size() != 1) return std::nullopt;
    return number(ranges[0].last);
}

RestoreWish any_wish(const CopyPromise& copy, const Promises& promises, const std::string& database,
                     workload::Dice& dice) {
    RestoreWish wish{.copy = copy.number};
    std::uint64_t end = copy.last;
    if (const auto archived = end_of_archive(database); archived && !dice.once_in(4)) {
        wish.with_archive = true;
        end = std::max(end, *archived);
    }
    const std::uint64_t way = dice.below(4);
    const auto known_from = promises.known_from();
    if (way == 0 || !copy.is_made || !known_from) return wish;
    const std::uint64_t first = std::max(copy.earliest, *known_from);
    if (first > end) return wish;
    const std::uint64_t chosen = dice.between(first, end);
    if (way > 2) wish.to_time_us = promises.time_by_which_written(chosen, end);
    if (!wish.to_time_us) wish.to_sequence = chosen;
    return wish;
}

}  // namespace amphora::crash

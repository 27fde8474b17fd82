#include "cli/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace amphora::cli {

CommandLine::CommandLine(const std::vector<std::string>& words, const std::vector<Option>& known) {
    bool only_plain = false;
    for (std::size_t at = 0; at < words.size(); ++at) {
        const std::string& word = words[at];
        if (only_plain || !word.starts_with("--")) {
            plain_.push_back(word);
            continue;
        }
        if (word == "--") {
            only_plain = true;
            continue;
        }
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
        const auto option = std::find_if(known.begin(), known.end(), [&](const Option& candidate) {
            return candidate.name == name;
        });
        if (option == known.end()) throw UsageError{fmt::format("unknown option --{}", name)};
        std::string value;
        if (equals != std::string::npos) {
            if (!option->has_value) {
                throw UsageError{fmt::format("option --{} takes no value", name)};
            }
            value = word.substr(equals + 1);
        } else if (option->has_value) {
            if (at + 1 == words.size()) {
                throw UsageError{fmt::format("option --{} needs a value", name)};
            }
            value = words[++at];
        }
        options_.emplace(name, std::move(value));
    }
}

bool CommandLine::has(std::string_view option) const {
    return options_.find(option) != options_.end();
}

std::optional<std::string> CommandLine::find(std::string_view option) const {
    const auto at = options_.find(option);
    if (at == options_.end()) return std::nullopt;
    return at->second;
}

std::vector<std::string> CommandLine::all(std::string_view option) const {
    std::vector<std::string> values;
    const auto [first, last] = options_.equal_range(option);
    for (auto at = first; at != last; ++at) values.push_back(at->second);
    return values;
}

std::uint64_t CommandLine::number(std::string_view option, std::uint64_t otherwise) const {
    const auto text = find(option);
    if (!text) return otherwise;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc{} || end != text->data() + text->size()) {
        throw UsageError{fmt::format("--{} takes a number, not '{}'", option, *text)};
    }
    return number;
}

}  // namespace amphora::cli

#include "schemagen/names.hpp"

#include "codec/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace amphora::schemagen {

namespace {

/// Keywords, and names that common headers define as macros.
constexpr std::array<std::string_view, 109> not_names{"alignas",
                                                      "alignof",
                                                      "and",
                                                      "and_eq",
                                                      "asm",
                                                      "auto",
                                                      "bitand",
                                                      "bitor",
                                                      "bool",
                                                      "break",
                                                      "case",
                                                      "catch",
                                                      "char",
                                                      "char16_t",
                                                      "char32_t",
                                                      "char8_t",
                                                      "class",
                                                      "co_await",
                                                      "co_return",
                                                      "co_yield",
                                                      "compl",
                                                      "concept",
                                                      "const",
                                                      "const_cast",
                                                      "consteval",
                                                      "constexpr",
                                                      "constinit",
                                                      "continue",
                                                      "decltype",
                                                      "default",
                                                      "delete",
                                                      "do",
                                                      "double",
                                                      "dynamic_cast",
                                                      "else",
                                                      "enum",
                                                      "explicit",
                                                      "export",
                                                      "extern",
                                                      "false",
                                                      "float",
                                                      "for",
                                                      "friend",
                                                      "goto",
                                                      "if",
                                                      "inline",
                                                      "int",
                                                      "long",
                                                      "mutable",
                                                      "namespace",
                                                      "new",
                                                      "noexcept",
                                                      "not",
                                                      "not_eq",
                                                      "nullptr",
                                                      "operator",
                                                      "or",
                                                      "or_eq",
                                                      "private",
                                                      "protected",
                                                      "public",
                                                      "register",
                                                      "reinterpret_cast",
                                                      "requires",
                                                      "return",
                                                      "short",
                                                      "signed",
                                                      "sizeof",
                                                      "static",
                                                      "static_assert",
                                                      "static_cast",
                                                      "struct",
                                                      "switch",
                                                      "template",
                                                      "this",
                                                      "thread_local",
                                                      "throw",
                                                      "true",
                                                      "try",
                                                      "typedef",
                                                      "typeid",
                                                      "typename",
                                                      "union",
                                                      "unsigned",
                                                      "using",
                                                      "virtual",
                                                      "void",
                                                      "volatile",
                                                      "wchar_t",
                                                      "while",
                                                      "xor",
                                                      "xor_eq",
                                                      "amphora",
                                                      "assert",
                                                      "errno",
                                                      "linux",
                                                      "stderr",
                                                      "stdin",
                                                      "stdout",
                                                      "std",
                                                      "unix",
                                                      "major",
                                                      "minor",
                                                      "NULL",
                                                      "EOF",
                                                      "TRUE",
                                                      "FALSE",
                                                      "INFINITY",
                                                      "NAN"};

bool is_lower(char letter) noexcept {
    return letter >= 'a' && letter <= 'z';
}
bool is_upper(char letter) noexcept {
    return letter >= 'A' && letter <= 'Z';
}
bool is_digit(char letter) noexcept {
    return letter >= '0' && letter <= '9';
}
char lower(char letter) noexcept {
    return is_upper(letter) ? static_cast<char>(letter + 32) : letter;
}
char upper(char letter) noexcept {
    return is_lower(letter) ? static_cast<char>(letter - 32) : letter;
}

std::string lowered(std::string_view text) {
    std::string result{text};
    std::transform(result.begin(), result.end(), result.begin(), lower);
    return result;
}

/// Letters, digits and single underscores, none at the ends. A character that is not allowed in a
/// C++ name is written as its number.
std::string plain(std::string_view text) {
    std::string result;
    const auto separate = [&] {
        if (!result.empty() && result.back() != '_') result += '_';
    };
    while (!text.empty()) {
        const std::string_view character = codec::first_characters(text, 1);
        text.remove_prefix(character.size());
        const char first = character[0];
        if (character.size() > 1) {
            separate();
            result += 'u';
            for (const char byte : character) {
                result += fmt::format("{:02x}", static_cast<unsigned char>(byte));
            }
        } else if (is_lower(first) || is_upper(first) || is_digit(first)) {
            result += first;
        } else {
            separate();
        }
    }
    while (!result.empty() && result.back() == '_') result.pop_back();
    if (result.empty()) result = "unnamed";
    if (is_digit(result[0])) result.insert(0, "n");
    return result;
}

std::vector<std::string> words(std::string_view name) {
    std::vector<std::string> result;
    const std::string text = plain(name);
    std::size_t begin = 0;
    while (begin <= text.size()) {
        const std::size_t end = std::min(text.find('_', begin), text.size());
        std::string word = text.substr(begin, end - begin);
        // A word in capitals is not an abbreviation, but the usual style of SQL.
        if (std::none_of(word.begin(), word.end(), is_lower)) word = lowered(word);
        result.push_back(std::move(word));
        begin = end + 1;
    }
    return result;
}

std::string joined(const std::vector<std::string>& parts) {
    std::string result;
    for (const std::string& part : parts) {
        // Otherwise two digits would join: v1_2 and v12 would be the same.
        if (!result.empty() && is_digit(result.back()) && is_digit(part[0])) result += '_';
        result += upper(part[0]);
        result += part.substr(1);
    }
    return result;
}

}  // namespace

std::string singular(std::string_view word) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 16> irregular{{
        {"people", "person"},
        {"children", "child"},
        {"men", "man"},
        {"women", "woman"},
        {"mice", "mouse"},
        {"feet", "foot"},
        {"teeth", "tooth"},
        {"statuses", "status"},
        {"aliases", "alias"},
        {"buses", "bus"},
        {"indices", "index"},
        {"criteria", "criterion"},
        {"analyses", "analysis"},
        {"movies", "movie"},
        {"cookies", "cookie"},
        {"viruses", "virus"},
    }};
    constexpr std::array<std::string_view, 4> unchanged{"news", "series", "species", "sms"};
    const std::string low = lowered(word);
    for (const auto& [plural, one] : irregular) {
        if (low == plural) {
            return word[0] == plural[0] ? std::string{one}
                                        : upper(one[0]) + std::string{one.substr(1)};
        }
    }
    const bool stays = std::find(unchanged.begin(), unchanged.end(), low) != unchanged.end() ||
                       low.ends_with("ss") || low.ends_with("us") || low.ends_with("is") ||
                       !low.ends_with("s") || low.size() < 3;
    if (stays) return std::string{word};
    const auto without = [&](std::size_t letters) {
        return std::string{word.substr(0, word.size() - letters)};
    };
    if (low.ends_with("ies") && low.size() > 4) return without(3) + "y";
    for (const std::string_view ending : {"sses", "shes", "ches", "xes", "zzes"}) {
        if (low.ends_with(ending)) return without(2);
    }
    return without(1);
}

std::string struct_name(std::string_view table) {
    std::vector<std::string> parts = words(table);
    parts.back() = singular(parts.back());
    return joined(parts);
}

std::string pascal_case(std::string_view name) {
    return joined(words(name));
}

std::string enumerator_name(std::string_view member) {
    return lowered(plain(member));
}

std::string identifier(std::string_view name) {
    return plain(name);
}

bool is_namespace(std::string_view name) {
    while (true) {
        const std::size_t end = std::min(name.find("::"), name.size());
        const std::string_view part = name.substr(0, end);
        if (part.empty() || plain(part) != part ||
            std::find(not_names.begin(), not_names.end(), part) != not_names.end()) {
            return false;
        }
        if (end == name.size()) return true;
        name.remove_prefix(end + 2);
    }
}

std::string Scope::take(std::string name) {
    const auto is_free = [&] {
        return taken_.count(name) == 0 &&
               std::find(not_names.begin(), not_names.end(), name) == not_names.end();
    };
    // Not one more underscore each time, because names with two underscores in a row are reserved.
    const std::string first = name;
    for (int number = 1; !is_free(); ++number) {
        name = number == 1 ? first + "_" : fmt::format("{}_{}", first, number);
    }
    taken_.insert(name);
    return name;
}

}  // namespace amphora::schemagen

#include "fuzz/mutation.hpp"

#include "support/read_file.hpp"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

namespace amphora::fuzz {

namespace {

constexpr std::size_t input_bytes_max = 4096;
/// Bytes that have a meaning in encodings and languages.
constexpr std::string_view turning_bytes{
    "\0\x01\x02\x05\x7f\x80\xff\n\r\t \"'\\{}[](),:;$.*/-+0159aetnx", 38};

bool is_part_of_word(char letter) noexcept {
    const auto byte = static_cast<unsigned char>(letter);
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z') || byte == '_' || byte == '$' || byte == '.' ||
           byte >= 0x80;
}

/// Where the word ends that begins at `at`.
std::size_t word_end(std::string_view text, std::size_t at) noexcept {
    if (text[at] == '"' || text[at] == '\'') {
        const auto quote = text.find(text[at], at + 1);
        return quote == std::string_view::npos ? at + 1 : quote + 1;
    }
    std::size_t end = at;
    while (end < text.size() && is_part_of_word(text[end])) ++end;
    return std::max(end, at + 1);
}

/// The beginnings of words, white space left out.
std::vector<std::size_t> word_starts(std::string_view text) {
    std::vector<std::size_t> starts;
    for (std::size_t at = 0; at < text.size(); at = word_end(text, at)) {
        if (std::string_view{" \t\r\n"}.find(text[at]) == std::string_view::npos) {
            starts.push_back(at);
        }
    }
    return starts;
}

}  // namespace

Mutation::Mutation(const std::string& corpus, std::uint64_t seed) : seed_{seed} {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator{corpus}) {
        paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    for (const std::filesystem::path& path : paths) {
        samples_.push_back(support::read_file(path.string()));
        for (const std::size_t start : word_starts(samples_.back())) {
            words_.push_back(
                samples_.back().substr(start, word_end(samples_.back(), start) - start));
        }
    }
    if (samples_.empty()) throw std::runtime_error{corpus + " has no samples"};
    std::sort(words_.begin(), words_.end());
    words_.erase(std::unique(words_.begin(), words_.end()), words_.end());
}

std::string Mutation::input(std::uint64_t number) const {
    Dice dice{Dice{seed_ + number * 0x9e3779b97f4a7c15}.roll()};
    std::string text = any_sample(dice);
    for (std::size_t left = dice.below(6); left > 0; --left) {
        if (dice.below(3) == 0) {
            change_byte(text, dice);
        } else {
            change_words(text, dice);
        }
        if (text.size() > input_bytes_max) text.resize(input_bytes_max);
    }
    return text;
}

const std::string& Mutation::any_sample(Dice& dice) const {
    return samples_[dice.below(samples_.size())];
}

void Mutation::change_byte(std::string& text, Dice& dice) const {
    const std::size_t at = dice.below(text.size() + 1);
    const char turning = turning_bytes[dice.below(turning_bytes.size())];
    switch (dice.below(5)) {
        case 0:
            text.insert(at, 1, turning);
            break;
        case 1:
            if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << dice.below(8)));
            break;
        case 2:
            if (at < text.size()) text[at] = turning;
            break;
        case 3:
            text.erase(at, 1 + dice.below(8));
            break;
        default:
            if (dice.below(8) == 0) text.resize(at);
            break;
    }
}

void Mutation::change_words(std::string& text, Dice& dice) const {
    const std::vector<std::size_t> starts = word_starts(text);
    if (starts.empty()) return;
    const std::size_t first = dice.below(starts.size());
    const std::size_t last = std::min(starts.size() - 1, first + dice.below(8));
    const std::size_t from = starts[first];
    const std::size_t word_bytes = word_end(text, from) - from;
    const std::size_t range_bytes = word_end(text, starts[last]) - from;
    const std::string& word = words_[dice.below(words_.size())];
    switch (dice.below(7)) {
        case 0:
            text.erase(from, word_bytes);
            break;
        case 1:
            text.insert(from, word);
            break;
        case 2: {  // some words once more, elsewhere
            const std::string range = text.substr(from, range_bytes);
            text.insert(starts[dice.below(starts.size())], range);
            break;
        }
        case 3: {  // some words of another sample
            const std::string& other = any_sample(dice);
            const std::size_t at = dice.below(other.size());
            text.replace(from, range_bytes, other.substr(at, dice.below(64)));
            break;
        }
        case 4: {  // two words change their places
            const std::size_t with = starts[dice.below(starts.size())];
            const std::string one = text.substr(from, word_bytes);
            const std::string other = text.substr(with, word_end(text, with) - with);
            if (with > from) {
                text.replace(with, other.size(), one);
                text.replace(from, one.size(), other);
            }
            break;
        }
        default:
            text.replace(from, word_bytes, word);
            break;
    }
}

}  // namespace amphora::fuzz

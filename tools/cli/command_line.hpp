#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace amphora::cli {

/// The call does not fit its command; the message says what is expected.
class UsageError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The words after `amphora COMMAND`: plain words in order, with `--name value` or `--name`
/// anywhere between them. After `--` all words are plain.
class CommandLine {
  public:
    struct Option {
        std::string_view name;  ///< without dashes
        bool has_value = false;
    };
    /// Throws UsageError for an option that is not among `known`, or lacks its value.
    CommandLine(const std::vector<std::string>& words, const std::vector<Option>& known);

    [[nodiscard]] const std::vector<std::string>& plain() const noexcept { return plain_; }
    [[nodiscard]] bool has(std::string_view option) const;
    [[nodiscard]] std::optional<std::string> find(std::string_view option) const;
    [[nodiscard]] std::vector<std::string> all(std::string_view option) const;
    /// Throws UsageError if the value is no number.
    [[nodiscard]] std::uint64_t number(std::string_view option, std::uint64_t otherwise) const;

  private:
    std::vector<std::string> plain_;
    std::multimap<std::string, std::string, std::less<>> options_;
};

}  // namespace amphora::cli

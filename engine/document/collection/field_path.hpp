#pragma once

#include <amphora/document.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace amphora::document {

/// A dotted path, "device.os" or "grades.0.score", split into its parts.
class FieldPath {
  public:
    FieldPath() = default;
    /// Parts may be empty: BSON allows such names, and a filter may ask for them.
    explicit FieldPath(std::string_view dotted);

    [[nodiscard]] std::size_t size() const noexcept { return parts_.size(); }
    [[nodiscard]] const std::string& part(std::size_t place) const noexcept {
        return parts_[place].name;
    }
    /// The part as a position in an array: "0", "12", but not "012".
    [[nodiscard]] std::optional<std::size_t> position(std::size_t place) const noexcept {
        return parts_[place].position;
    }
    /// Whether a part after the first may be a position in an array.
    [[nodiscard]] bool has_position() const noexcept { return has_position_; }
    [[nodiscard]] const std::string& dotted() const noexcept { return dotted_; }

    /// Whether the path equals `other`, or leads to something inside of what `other` leads to.
    [[nodiscard]] bool begins_with(const FieldPath& other) const noexcept;

    bool operator==(const FieldPath& other) const noexcept { return dotted_ == other.dotted_; }

  private:
    struct Part {
        std::string name;
        std::optional<std::size_t> position;
    };
    std::string dotted_;
    std::vector<Part> parts_;
    bool has_position_ = false;
};

/// The position in an array that a name such as "0" or "12" means; none for another name.
[[nodiscard]] std::optional<std::size_t> parse_position(std::string_view name) noexcept;

}  // namespace amphora::document

#include "document/collection/field_path.hpp"

namespace amphora::document {

FieldPath::FieldPath(std::string_view dotted) : dotted_{dotted} {
    for (std::size_t from = 0;;) {
        const std::size_t dot = dotted.find('.', from);
        const std::string_view name = dotted.substr(from, dot - from);
        parts_.push_back({std::string{name}, parse_position(name)});
        // The first part names a field of the document itself, which is not an array.
        if (from != 0 && parts_.back().position) has_position_ = true;
        if (dot == std::string_view::npos) break;
        from = dot + 1;
    }
}

bool FieldPath::begins_with(const FieldPath& other) const noexcept {
    if (other.size() > size()) return false;
    for (std::size_t place = 0; place < other.size(); ++place) {
        if (part(place) != other.part(place)) return false;
    }
    return true;
}

std::optional<std::size_t> parse_position(std::string_view name) noexcept {
    // A position of more than nine digits is more elements than a document has bytes.
    if (name.empty() || name.size() > 9 || (name.size() > 1 && name.front() == '0')) {
        return std::nullopt;
    }
    std::size_t position = 0;
    for (const char digit : name) {
        if (digit < '0' || digit > '9') return std::nullopt;
        position = position * 10 + static_cast<std::size_t>(digit - '0');
    }
    return position;
}

}  // namespace amphora::document

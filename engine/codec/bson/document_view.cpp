#include "base/assert.hpp"
#include "codec/bson/layout.hpp"

#include <amphora/document.hpp>
#include <amphora/error.hpp>

#include <cstring>

namespace amphora {

namespace {

constexpr std::string_view empty_document{"\x05\0\0\0\0", 5};

[[noreturn]] void malformed(const char* what) {
    throw Error{ErrorCode::malformed_bson,
                std::string{"a BSON document that was not validated is damaged: "} + what};
}

}  // namespace

DocumentView::DocumentView() noexcept : bytes_{empty_document} {}

DocumentView::Iterator::Iterator(std::string_view bytes) : done_{false} {
    if (bytes.size() < codec::bson_document_bytes_min ||
        codec::load_little<std::int32_t>(bytes.data()) != static_cast<std::int64_t>(bytes.size())) {
        malformed("its length is not the length of its bytes");
    }
    rest_ = bytes.substr(4);
    ++*this;
}

DocumentView::Iterator& DocumentView::Iterator::operator++() {
    if (rest_.empty()) malformed("it does not end with a zero byte");
    const std::size_t before = rest_.size();
    const auto type = static_cast<BsonType>(static_cast<unsigned char>(rest_.front()));
    if (static_cast<unsigned char>(type) == 0) {
        done_ = true;
        return *this;
    }
    const auto* const name_end =
        static_cast<const char*>(std::memchr(rest_.data() + 1, 0, rest_.size() - 1));
    if (name_end == nullptr) malformed("a name without its zero byte");
    const std::size_t name_bytes = static_cast<std::size_t>(name_end - rest_.data()) - 1;
    element_.name = rest_.substr(1, name_bytes);
    rest_.remove_prefix(name_bytes + 2);
    const auto bytes = codec::value_bytes(type, rest_);
    if (!bytes) malformed("a value of an unknown type, or longer than what holds it");
    element_.value = BsonView{type, rest_.substr(0, *bytes)};
    rest_.remove_prefix(*bytes);
    AMPHORA_ASSERT(rest_.size() < before);  // every loop over elements ends
    return *this;
}

std::size_t DocumentView::count() const {
    std::size_t elements = 0;
    for (auto at = begin(); at != end(); ++at) ++elements;
    return elements;
}

std::optional<BsonView> DocumentView::field(std::string_view name) const {
    for (const Element& element : *this) {
        if (element.name == name) return element.value;
    }
    return std::nullopt;
}

std::optional<BsonView> DocumentView::find(std::string_view path) const {
    DocumentView inside = *this;
    while (true) {
        const auto dot = path.find('.');
        const auto value = inside.field(path.substr(0, dot));
        if (!value || dot == std::string_view::npos) return value;
        // The elements of an array are named by their positions, so both are read alike.
        auto next = value->as_document();
        if (!next) next = value->as_array();
        if (!next) return std::nullopt;
        inside = *next;
        path.remove_prefix(dot + 1);
    }
}

}  // namespace amphora

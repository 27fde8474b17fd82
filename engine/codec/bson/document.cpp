#include "codec/bson/canonical.hpp"
#include "codec/bson/layout.hpp"
#include "codec/bson/validator.hpp"
#include "codec/bson/writer.hpp"
#include "codec/utf8.hpp"

#include <amphora/document.hpp>
#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace amphora {

namespace {

void check_name(std::string_view name) {
    if (name.find('\0') != std::string_view::npos) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("a field's name with a NUL in it: \"{}\"",
                                name.substr(0, name.find('\0')))};
    }
    if (const auto offset = codec::find_invalid_utf8(name)) {
        throw Error{ErrorCode::invalid_utf8,
                    fmt::format("a field's name of {} bytes is not UTF-8 at offset {}", name.size(),
                                *offset)};
    }
}

}  // namespace

Document::Document() : bytes_{DocumentView{}.bytes()} {}

Document::Document(std::initializer_list<Field> fields) : Document{} {
    for (auto field = fields.begin(); field != fields.end(); ++field) {
        const bool twice = std::any_of(fields.begin(), field, [&](const Field& earlier) {
            return earlier.name == field->name;
        });
        if (twice) {
            throw Error{ErrorCode::invalid_argument,
                        fmt::format("the field \"{}\" occurs twice in a document", field->name)};
        }
    }
    std::size_t bytes = bytes_.size();
    for (const Field& field : fields) bytes += field.name.size() + 2 + field.value.raw_.size();
    bytes_.reserve(bytes);
    for (const Field& field : fields) append(field.name, field.value);
}

Document::Document(DocumentView view) {
    const codec::BsonJudgement judged = codec::judge_bson(view.bytes());
    bytes_ = judged.canonical ? std::string{view.bytes()} : codec::canonical_bson(view);
    depth_ = static_cast<std::uint8_t>(judged.depth);
}

Document Document::from_bson(std::string_view bytes) {
    return Document{DocumentView{bytes}};
}

Document& Document::append(std::string_view name, const BsonValue& value) {
    replace(bytes_.size() - 1, 0, name, value);
    return *this;
}

Document& Document::set(std::string_view name, const BsonValue& value) {
    for (const Element& element : view()) {
        if (element.name != name) continue;
        const auto offset = static_cast<std::size_t>(element.name.data() - 1 - bytes_.data());
        replace(offset, element.name.size() + 2 + element.value.raw().size(), name, value);
        return *this;
    }
    return append(name, value);
}

bool Document::erase(std::string_view name) {
    for (const Element& element : view()) {
        if (element.name != name) continue;
        const auto offset = static_cast<std::size_t>(element.name.data() - 1 - bytes_.data());
        const std::size_t bytes = element.name.size() + 2 + element.value.raw().size();
        bytes_.erase(offset, bytes);
        codec::store_little(bytes_.data(), static_cast<std::int32_t>(bytes_.size()));
        move_nows(offset, bytes, 0);
        return true;
    }
    return false;
}

Document Document::with_now(std::int64_t milliseconds) const {
    Document copy{*this};
    for (const std::uint32_t offset : nows_) {
        codec::store_little(copy.bytes_.data() + offset, milliseconds);
    }
    copy.nows_.clear();
    return copy;
}

// Replaces `bytes` bytes at `offset` by an element. Everything that can throw does so before the
// first byte changes. `name` may point into the document itself.
void Document::replace(std::size_t offset, std::size_t bytes, std::string_view name,
                       const BsonValue& value) {
    check_name(name);
    const std::size_t size = bytes_.size() - bytes + name.size() + 2 + value.raw_.size();
    if (size > document_bytes_max) {
        throw Error{
            ErrorCode::value_too_large,
            fmt::format("the field \"{}\" would make a document of {} bytes: at most 16 MiB "
                        "are possible",
                        name, size)};
    }
    if (value.depth_ >= document_depth_max) {
        throw Error{
            ErrorCode::value_too_large,
            fmt::format("the field \"{}\" would make a document nested deeper than {} levels", name,
                        document_depth_max)};
    }
    const std::size_t value_offset = offset + name.size() + 2;
    std::string element;
    element.reserve(name.size() + 2 + value.raw_.size());
    codec::BsonWriter{element}.element(name, value.view());
    nows_.reserve(nows_.size() + value.nows_.size());
    bytes_.replace(offset, bytes, element);
    codec::store_little(bytes_.data(), static_cast<std::int32_t>(bytes_.size()));
    depth_ = std::max<std::uint8_t>(depth_, static_cast<std::uint8_t>(value.depth_ + 1));
    move_nows(offset, bytes, element.size());
    for (const std::uint32_t inside : value.nows_) {
        nows_.push_back(static_cast<std::uint32_t>(value_offset + inside));
    }
}

// `bytes` bytes at `offset` became `bytes_after` bytes.
void Document::move_nows(std::size_t offset, std::size_t bytes, std::size_t bytes_after) {
    std::erase_if(nows_, [&](std::uint32_t at) { return at >= offset && at < offset + bytes; });
    for (std::uint32_t& at : nows_) {
        if (at >= offset) at = static_cast<std::uint32_t>(at - bytes + bytes_after);
    }
}

Array::Array(std::initializer_list<BsonValue> values) {
    for (const BsonValue& value : values) append(value);
}

Array& Array::append(const BsonValue& value) {
    elements_.append(codec::ArrayName{size_}, value);
    ++size_;
    return *this;
}

}  // namespace amphora

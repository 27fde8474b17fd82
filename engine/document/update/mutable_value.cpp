#include "document/update/mutable_value.hpp"

#include "base/assert.hpp"
#include "codec/bson/validator.hpp"
#include "document/collection/declared_field.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace amphora::document {

namespace {

/// As in MongoDB: a position far beyond the end is a mistake, not a request for millions of nulls.
constexpr std::size_t position_max = 1'500'000;

[[noreturn]] void refuse(const FieldPath& path, const std::string& why) {
    throw Error{ErrorCode::type_mismatch, fmt::format("update: path {}: {}", path.dotted(), why)};
}

/// One step along the path; null if there is nothing.
MutableValue* step(MutableValue& value, const FieldPath& path, std::size_t place) {
    if (value.is_document()) return value.find(path.part(place));
    if (!value.is_array()) return nullptr;
    const std::optional<std::size_t> position = path.position(place);
    std::vector<MutableField>& elements = value.fields();
    if (!position || *position >= elements.size()) return nullptr;
    return &elements[*position].value;
}

MutableValue& make_step(MutableValue& value, const FieldPath& path, std::size_t place) {
    if (MutableValue* found = step(value, path, place)) return *found;
    std::vector<MutableField>* fields = nullptr;
    if (value.is_document()) {
        fields = &value.fields();
        fields->push_back({path.part(place), MutableValue{}});
    } else if (value.is_array()) {
        const std::optional<std::size_t> position = path.position(place);
        fields = &value.fields();
        if (!position) {
            refuse(path, fmt::format("an array has no field {}", path.part(place)));
        }
        if (*position > fields->size() + position_max) {
            refuse(path, fmt::format("position {} is too far after the end of an array of {}",
                                     *position, fields->size()));
        }
        fields->resize(*position + 1);
    } else {
        Buffer scratch;
        refuse(path, fmt::format("{} is in the way of field {}", describe(value.view(scratch)),
                                 path.part(place)));
    }
    MutableValue& made = fields->back().value;
    if (place + 1 < path.size()) made = MutableValue::empty(BsonType::document);
    return made;
}

}  // namespace

MutableValue MutableValue::empty(BsonType type) {
    MutableValue value{BsonView{type, DocumentView{}.bytes()}};
    value.opened_ = true;
    return value;
}

std::vector<MutableField>& MutableValue::fields() {
    AMPHORA_ASSERT(is_document() || is_array());
    if (!opened_) {
        for (const Element& element : DocumentView{value_.raw()}) {
            fields_.push_back({element.name, MutableValue{element.value}});
        }
        opened_ = true;
    }
    return fields_;
}

MutableValue* MutableValue::find(std::string_view name) {
    for (MutableField& field : fields()) {
        if (field.name == name) return &field.value;
    }
    return nullptr;
}

BsonView MutableValue::view(Buffer& scratch) const {
    if (!opened_) return value_;
    scratch.clear();
    write(scratch, 1);
    return BsonView{type(), scratch};
}

void MutableValue::write(Buffer& out, int depth) const {
    // A value that is written unchanged may be nested deeper than before.
    const int levels = opened_ ? 1 : codec::bson_depth(value_);
    if (depth + levels - 1 > document_depth_max) {
        throw Error{ErrorCode::value_too_large,
                    fmt::format("update: the document would be nested in more than {} levels",
                                document_depth_max)};
    }
    if (!opened_) {
        out.append(value_.raw());
        return;
    }
    codec::BsonWriter writer{out};
    const codec::BsonWriter::Open open = writer.begin_document();
    for (std::size_t place = 0; place < fields_.size(); ++place) {
        const MutableField& field = fields_[place];
        if (is_array()) {
            writer.head(codec::ArrayName{place}, field.value.type());
        } else {
            writer.head(field.name, field.value.type());
        }
        field.value.write(out, depth + 1);
    }
    writer.end(open);
}

MutableValue* find_at(MutableValue& root, const FieldPath& path) {
    MutableValue* at = &root;
    for (std::size_t place = 0; at != nullptr && place < path.size(); ++place) {
        at = step(*at, path, place);
    }
    return at;
}

MutableValue& make_at(MutableValue& root, const FieldPath& path) {
    MutableValue* at = &root;
    for (std::size_t place = 0; place < path.size(); ++place) at = &make_step(*at, path, place);
    return *at;
}

void remove_at(MutableValue& root, const FieldPath& path) {
    MutableValue* at = &root;
    for (std::size_t place = 0; at != nullptr && place + 1 < path.size(); ++place) {
        at = step(*at, path, place);
    }
    const std::size_t last = path.size() - 1;
    if (at == nullptr) return;
    if (at->is_array()) {
        if (MutableValue* element = step(*at, path, last)) *element = MutableValue{};
    } else if (at->is_document()) {
        std::erase_if(at->fields(),
                      [&](const MutableField& field) { return field.name == path.part(last); });
    }
}

bool is_blocked(MutableValue& root, const FieldPath& path) {
    MutableValue* at = &root;
    for (std::size_t place = 0; place < path.size(); ++place) {
        const bool leads_on =
            at->is_document() || (at->is_array() && path.position(place).has_value());
        if (!leads_on) return true;
        at = step(*at, path, place);
        if (at == nullptr) return false;
    }
    return false;
}

bool meets_array(MutableValue& root, const FieldPath& path) {
    MutableValue* at = &root;
    for (std::size_t place = 0; at != nullptr && place < path.size(); ++place) {
        if (at->is_array()) return true;
        at = step(*at, path, place);
    }
    return false;
}

}  // namespace amphora::document

#include "codec/json/builder.hpp"

#include "base/assert.hpp"
#include "codec/bson/layout.hpp"
#include "codec/bson/validator.hpp"
#include "codec/bson/writer.hpp"
#include "codec/json/extended.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace amphora::codec {

namespace {

constexpr const char* too_deep = "nested deeper than 100 levels";
constexpr const char* too_large = "more than the 16 MiB that a document may have";

}  // namespace

void JsonBuilder::restart() noexcept {
    buffer_.cut(0);
    open_.clear();
    names_.clear();
    type_at_ = part_at_ = nowhere;
    type_ = BsonType::null;
    depth_ = 0;
    fault_.clear();
}

bool JsonBuilder::refuse(std::string reason) {
    fault_ = std::move(reason);
    return false;
}

bool JsonBuilder::check_size() {
    // A value is smaller as BSON than as its Extended JSON, hence the factor: 25 bytes express a
    // null of 2 bytes in a document that is the list of its fields. The end of the outermost value
    // is tested again.
    if (buffer_.size() <= 16 * document_bytes_max) return true;
    return refuse(too_large);
}

bool JsonBuilder::check_part() {
    // A text is no smaller as BSON, except the digits of a binary. A text without an end is refused
    // long before the bound of the whole.
    if (buffer_.size() - part_at_ > 2 * document_bytes_max) return refuse(too_large);
    return check_size();
}

std::size_t JsonBuilder::head(BsonType type) {
    if (open_.empty()) {
        type_ = type;
        return nowhere;
    }
    Open& outer = open_.back();
    if (!outer.is_array) {
        buffer_[type_at_] = static_cast<char>(type);
        return type_at_;
    }
    const std::size_t at = buffer_.size();
    buffer_.push(static_cast<char>(type));
    buffer_.append(ArrayName{outer.position++});
    buffer_.push('\0');
    return at;
}

void JsonBuilder::set_type(std::size_t at, BsonType type) {
    if (at == nowhere) {
        type_ = type;
    } else {
        buffer_[at] = static_cast<char>(type);
    }
}

bool JsonBuilder::begin(BsonType type) {
    const std::size_t type_at = head(type);
    open_.push_back(
        Open{.type_at = type_at, .start = buffer_.size(), .is_array = type == BsonType::array});
    buffer_.append_number(std::int32_t{0});
    if (type == BsonType::document) names_.begin_object();
    return check_size();
}

bool JsonBuilder::end() {
    AMPHORA_ASSERT(!open_.empty());
    const Open closed = open_.back();
    open_.pop_back();
    buffer_.push('\0');
    const std::size_t bytes = buffer_.size() - closed.start;
    store_little(buffer_.data() + closed.start, static_cast<std::int32_t>(bytes));

    int depth = closed.depth + 1;
    if (closed.has_dollar) {
        const ExtendedJson typed =
            read_extended_json(DocumentView{buffer_.bytes(closed.start, bytes)});
        if (!typed.fault.empty()) return refuse(typed.fault);
        if (typed.value) {
            set_type(closed.type_at, typed.value->type());
            buffer_.cut(closed.start);
            buffer_.append(typed.value->view().raw());
            depth = bson_depth(*typed.value);
        }
    }
    // A list of fields, each a pair, may become a document; the end of the outermost value is
    // tested again.
    constexpr int levels_of_list = 2;
    if (depth > document_depth_max + levels_of_list) return refuse(too_deep);
    int& outer = open_.empty() ? depth_ : open_.back().depth;
    outer = std::max(outer, depth);
    return open_.empty() ? check_whole() : check_size();
}

bool JsonBuilder::check_whole() {
    if (depth_ > document_depth_max) return refuse(too_deep);
    if (buffer_.size() > document_bytes_max) return refuse(too_large);
    return true;
}

bool JsonBuilder::end_object() {
    if (const auto* const name = names_.end_object(buffer_.bytes())) {
        return refuse(fmt::format("the name \"{}\" occurs twice in one object",
                                  buffer_.bytes(name->at, name->size)));
    }
    return end();
}

bool JsonBuilder::name_part(Bytes part) {
    if (part_at_ == nowhere) {
        type_at_ = buffer_.size();
        buffer_.push('\0');  // the type, once the value is known
        part_at_ = buffer_.size();
    }
    buffer_.append(part);
    return check_part();
}

bool JsonBuilder::name(Bytes part) {
    if (!name_part(part)) return false;
    const std::size_t at = part_at_;
    const std::size_t size = buffer_.size() - at;
    part_at_ = nowhere;
    if (std::memchr(buffer_.data() + at, 0, size) != nullptr) {
        return refuse("a name with a NUL in it, which BSON cannot hold");
    }
    if (!names_.add(buffer_.bytes(), at, size)) {
        return refuse(
            fmt::format("the name \"{}\" occurs twice in one object", buffer_.bytes(at, size)));
    }
    if (size > 0 && buffer_[at] == '$') open_.back().has_dollar = true;
    buffer_.push('\0');
    return true;
}

bool JsonBuilder::text_part(Bytes part) {
    if (part_at_ == nowhere) {
        head(BsonType::string);
        part_at_ = buffer_.size();
        buffer_.append_number(std::int32_t{0});
    }
    buffer_.append(part);
    return check_part();
}

bool JsonBuilder::text(Bytes part) {
    if (!text_part(part)) return false;
    buffer_.push('\0');
    const std::size_t bytes = buffer_.size() - part_at_ - sizeof(std::int32_t);
    store_little(buffer_.data() + part_at_, static_cast<std::int32_t>(bytes));
    part_at_ = nowhere;
    return !open_.empty() || check_whole();
}

bool JsonBuilder::integer(std::int64_t number) {
    const bool narrow = number >= INT32_MIN && number <= INT32_MAX;
    head(narrow ? BsonType::int32 : BsonType::int64);
    if (narrow) {
        buffer_.append_number(static_cast<std::int32_t>(number));
    } else {
        buffer_.append_number(number);
    }
    return true;
}

bool JsonBuilder::real(double number) {
    head(BsonType::real);
    buffer_.append_number(number);
    return true;
}

bool JsonBuilder::decimal(const Decimal128& number) {
    head(BsonType::decimal128);
    buffer_.append_number(number.bytes);
    return true;
}

bool JsonBuilder::boolean(bool value) {
    head(BsonType::boolean);
    buffer_.push(value ? '\1' : '\0');
    return true;
}

bool JsonBuilder::null() {
    head(BsonType::null);
    return true;
}

}  // namespace amphora::codec

#include "codec/bson/validator.hpp"

#include "base/assert.hpp"
#include "codec/bson/layout.hpp"
#include "codec/bson/writer.hpp"
#include "codec/utf8.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace amphora::codec {

namespace {

/// Walks one document or value. Every `check_…` returns whether to continue; the first fault is
/// kept.
class Validation {
  public:
    explicit Validation(Bytes bytes) noexcept : whole_{bytes} {}

    /// All of the bytes as one value.
    bool check_whole(BsonType type) noexcept {
        if (whole_.size() > document_bytes_max) return fail(whole_, "longer than 16 MiB");
        // For a document, its own check reports a wrong length.
        if (type != BsonType::document && value_bytes(type, whole_) != whole_.size()) {
            return fail(whole_, "a value that is not as long as its type says");
        }
        return check_value(type, whole_, 0);
    }

    bool check_document(Bytes bytes, int depth, bool is_array = false) noexcept {
        if (depth > document_depth_max) return fail(bytes, "nested deeper than 100 levels");
        deepest_ = std::max(deepest_, depth);
        if (bytes.size() < bson_document_bytes_min) return fail(bytes, "shorter than any document");
        if (load_little<std::int32_t>(bytes.data()) != static_cast<std::int64_t>(bytes.size())) {
            return fail(bytes, "the document's length is not the length of its bytes");
        }
        Bytes rest = bytes.substr(4);
        for (std::size_t position = 0; rest.front() != '\0'; ++position) {
            if (is_array) check_position(rest.substr(1), position);
            if (!check_element(rest, depth)) return false;
            if (rest.empty()) return fail(rest, "the document does not end with a zero byte");
        }
        if (rest.size() != 1) return fail(rest, "the document ends before its length is reached");
        return true;
    }

    [[nodiscard]] const std::optional<BsonFault>& fault() const noexcept { return fault_; }
    /// The first place that is valid and not canonical.
    [[nodiscard]] const std::optional<BsonFault>& deviation() const noexcept { return deviation_; }
    [[nodiscard]] int deepest() const noexcept { return deepest_; }

  private:
    [[nodiscard]] std::size_t offset_of(Bytes at) const noexcept {
        return static_cast<std::size_t>(at.data() - whole_.data());
    }
    bool fail(Bytes at, std::string_view what) noexcept {
        fault_ = BsonFault{offset_of(at), what};
        return false;
    }
    void deviate(Bytes at, std::string_view what) noexcept {
        if (!deviation_) deviation_ = BsonFault{offset_of(at), what};
    }

    void check_position(Bytes rest, std::size_t position) noexcept {
        const ArrayName name{position};
        const Bytes wanted = name;
        if (!rest.starts_with(wanted) || rest.size() == wanted.size() ||
            rest[wanted.size()] != '\0') {
            deviate(rest, "an element of an array whose name is not its position");
        }
    }

    bool check_utf8(Bytes text) noexcept {
        if (const auto offset = find_invalid_utf8(text)) {
            return fail(text.substr(*offset), "text that is not UTF-8");
        }
        return true;
    }

    /// Text up to a NUL; moves `rest` past the NUL.
    bool check_cstring(Bytes& rest) noexcept {
        // Names are short: one loop that looks for both the end and non-ASCII bytes is faster than
        // two calls.
        std::size_t size = 0;
        unsigned char seen = 0;
        while (size < rest.size() && rest[size] != '\0') {
            seen |= static_cast<unsigned char>(rest[size++]);
        }
        if (size == rest.size()) return fail(rest, "a name without its zero byte");
        if (seen >= 0x80 && !check_utf8(rest.substr(0, size))) return false;
        rest.remove_prefix(size + 1);
        return true;
    }

    bool check_element(Bytes& rest, int depth) noexcept {
        const Bytes at = rest;
        const auto type = static_cast<BsonType>(static_cast<unsigned char>(rest.front()));
        rest.remove_prefix(1);
        if (!check_cstring(rest)) return false;
        const auto bytes = value_bytes(type, rest);
        if (!bytes) {
            return to_string(type).empty() ? fail(at, "a type that BSON does not have")
                                           : fail(rest, "a value longer than what holds it");
        }
        const Bytes value = rest.substr(0, *bytes);
        rest.remove_prefix(*bytes);
        return check_value(type, value, depth);
    }

    bool check_value(BsonType type, Bytes value, int depth) noexcept {
        switch (type) {
            case BsonType::string:
            case BsonType::code:
            case BsonType::symbol:
                return check_string(value);
            case BsonType::document:
                return check_document(value, depth + 1);
            case BsonType::array:
                return check_document(value, depth + 1, true);
            case BsonType::boolean:
                return value.front() == 0 || value.front() == 1 ||
                       fail(value, "a boolean that is neither 0 nor 1");
            case BsonType::binary:
                return check_binary(value);
            case BsonType::regex:
                return check_regex(value);
            case BsonType::db_pointer:
                return check_string(value.substr(0, value.size() - 12));
            case BsonType::code_with_scope:
                return check_code_with_scope(value, depth);
            default:
                return true;  // a fixed size is all that the type requires
        }
    }

    bool check_string(Bytes value) noexcept {
        if (value.back() != '\0') return fail(value, "a string without its zero byte");
        return check_utf8(string_text(value));
    }

    bool check_binary(Bytes value) noexcept {
        // The old subtype 2 repeats the length of its bytes inside.
        if (value[4] != 2) return true;
        if (value.size() < 9 || load_little<std::int32_t>(value.data()) - 4 !=
                                    load_little<std::int32_t>(value.data() + 5)) {
            return fail(value, "a binary of subtype 2 whose two lengths disagree");
        }
        return true;
    }

    bool check_regex(Bytes value) noexcept {
        if (!check_cstring(value)) return false;
        const Bytes options = value.substr(0, value.size() - 1);
        if (!check_cstring(value)) return false;
        if (!has_sorted_characters(options)) {
            deviate(options, "options of a regular expression that are not in order");
        }
        return true;
    }

    bool check_code_with_scope(Bytes value, int depth) noexcept {
        const Bytes inner = value.substr(4);
        const auto code = value_bytes(BsonType::code, inner);
        AMPHORA_ASSERT(code);  // a value's length counts only if its text fits
        return check_string(inner.substr(0, *code)) &&
               check_document(inner.substr(*code), depth + 1);
    }

    Bytes whole_;
    std::optional<BsonFault> fault_;
    std::optional<BsonFault> deviation_;
    int deepest_ = 0;
};

}  // namespace

std::optional<BsonFault> find_bson_fault(Bytes bytes) noexcept {
    Validation validation{bytes};
    validation.check_whole(BsonType::document);
    return validation.fault();
}

std::optional<BsonFault> find_document_fault(Bytes bytes) noexcept {
    Validation validation{bytes};
    return validation.check_whole(BsonType::document) ? validation.deviation() : validation.fault();
}

BsonJudgement judge_bson(BsonView value) {
    const Bytes bytes = value.raw();
    Validation validation{bytes};
    if (!validation.check_whole(value.type())) {
        const std::string_view type = to_string(value.type());
        throw Error{ErrorCode::malformed_bson, fmt::format("BSON {} of {} bytes, offset {}: {}",
                                                           value.is_document() ? "document"
                                                           : type.empty() ? "value of no known type"
                                                                          : type,
                                                           bytes.size(), validation.fault()->offset,
                                                           validation.fault()->what)};
    }
    return {.depth = validation.deepest(), .canonical = !validation.deviation()};
}

BsonJudgement judge_bson(Bytes document) {
    return judge_bson(BsonView{BsonType::document, document});
}

int bson_depth(BsonView value) {
    std::optional<DocumentView> inside;
    if (value.is_document()) inside = value.as_document();
    if (value.is_array()) inside = value.as_array();
    if (const auto code = value.as_code()) inside = code->scope;
    if (!inside) return 0;
    int deepest = 0;
    for (const Element& element : *inside) deepest = std::max(deepest, bson_depth(element.value));
    return deepest + 1;
}

}  // namespace amphora::codec

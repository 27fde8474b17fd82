#pragma once

#include <amphora/bson_view.hpp>
#include <amphora/object_id.hpp>
#include <amphora/types.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Documents: BSON (https://bsonspec.org) as a value type, with MongoDB's Extended JSON as its
/// text.
///
///   amphora::Document document{
///       {"user_id", user.user_id},                       // std::int64_t
///       {"event", "signup"},
///       {"at", amphora::DateTime{...}},                  // a BSON date, milliseconds
///       {"device", amphora::Document{{"os", "linux"}}},
///       {"tags", amphora::Array{1, 2.5, "three"}},
///       {"phone", user.phone_num},                       // std::optional: nullopt is null
///   };
///   document.find("device.os")->as_text();               // std::optional<std::string_view>
///   document.find("tags.0")->as_int64();
///
/// A `Document` or `BsonValue` is valid at every moment: names and strings are UTF-8; names contain
/// no NUL; the elements of an array are named "0", "1", ...; the options of a regular expression
/// are sorted; nesting is at most `document_depth_max`, size at most
/// `document_bytes_max`. A call that would break this throws and changes nothing. BSON from
/// elsewhere, as bytes or as a view, is checked when a `Document` or `BsonValue` is made of it.
/// Names in arrays and the order of options are corrected then, as MongoDB's drivers do.
///
/// Views (`DocumentView`, `BsonView`) own nothing and are valid as long as the bytes they point to.
/// Any number of threads may read a document, a value or a view that nobody changes.
namespace amphora {

struct Blob;
namespace codec {
class JsonParser;
}

/// Levels of documents and arrays inside each other, the outermost counted; as in MongoDB.
inline constexpr int document_depth_max = 100;
/// Bytes of one document, as in MongoDB. To be stored, it must also fit a transaction:
/// `Options::commit_bytes_max`, which is less in `Profile::edge`.
inline constexpr std::size_t document_bytes_max = std::size_t{16} << 20;

class Document;
class Array;

enum class JsonFormat : std::uint8_t {
    /// readable: 1, 2.5, {"$date": "2026-01-31T12:34:56.789Z"}; int32 and int64 look the same
    relaxed,
    canonical,  ///< every type spelled out; parsing gives the same bytes back
};
enum class JsonLayout : std::uint8_t {
    line,      ///< one line: {"a": 1, "b": [1, 2]}
    indented,  ///< one element a line, two spaces a level
};

/// What a whole number in JSON (no point, no exponent) becomes that fits no 64-bit integer. A
/// double would be another number.
enum class LargeIntegers : std::uint8_t {
    refused,   ///< `malformed_json`
    decimals,  ///< decimal128; `malformed_json` if it needs more than 34 digits
};
struct JsonOptions {
    LargeIntegers large_integers = LargeIntegers::refused;
};

/// One BSON value, owned: the value of a field, an _id, an operand of a filter.
///
/// Converts from everything that has a BSON type. C++ integers that fit `int` by their type become
/// int32, wider ones int64. A DateTime becomes a date, rounded down to the millisecond.
///
/// `amphora::now` becomes a date that `Transaction` replaces by the moment of the transaction, in
/// documents that are inserted or put, in updates, and in the payload of events, at any depth. The
/// value, and every document that contains it, remember where it is; no ordinary date has this
/// meaning, and views do not have it. In a view, in JSON text, in a filter and in an _id to find,
/// it is the moment at which the value was made.
class BsonValue {
  public:
    BsonValue() noexcept = default;        ///< null
    BsonValue(std::nullptr_t) noexcept {}  // NOLINT(*-explicit-*)
    BsonValue(std::nullopt_t) noexcept {}  // NOLINT(*-explicit-*)
    BsonValue(Null) noexcept {}            // NOLINT(*-explicit-*)
    template <std::same_as<bool> B>
    BsonValue(B value) : BsonValue{boolean(value)} {}  // NOLINT(*-explicit-*)
    /// Characters do not compile: they are no numbers. Throws `value_out_of_range` for an unsigned
    /// number beyond int64.
    template <std::integral I>
    requires(!std::same_as<I, bool> && !detail::is_character<I>)
        BsonValue(I value)  // NOLINT(*-explicit-*)
        : BsonValue{integer<I>(value)} {}
    template <std::floating_point F>
    BsonValue(F value) : BsonValue{real(static_cast<double>(value))} {}  // NOLINT(*-explicit-*)
    /// Text throws `invalid_utf8` if it is not UTF-8.
    BsonValue(std::string_view text);  // NOLINT(*-explicit-*)
    BsonValue(const std::string& text)
        : BsonValue{std::string_view{text}} {}                          // NOLINT(*-explicit-*)
    BsonValue(const char* text) : BsonValue{std::string_view{text}} {}  // NOLINT(*-explicit-*)
    BsonValue(DateTime moment);                                         // NOLINT(*-explicit-*)
    BsonValue(Now);                                                     // NOLINT(*-explicit-*)
    BsonValue(Date day);                                                // NOLINT(*-explicit-*)
    BsonValue(const ObjectId& id);                                      // NOLINT(*-explicit-*)
    BsonValue(Timestamp timestamp);                                     // NOLINT(*-explicit-*)
    BsonValue(const Decimal128& number);                                // NOLINT(*-explicit-*)
    BsonValue(const Decimal& number)
        : BsonValue{Decimal128::from(number)} {}  // NOLINT(*-explicit-*)
    BsonValue(const Blob& blob);                  // NOLINT(*-explicit-*)
    BsonValue(Binary binary);                     // NOLINT(*-explicit-*)
    BsonValue(RegularExpression regex);           // NOLINT(*-explicit-*)
    BsonValue(const Code& code);                  // NOLINT(*-explicit-*)
    BsonValue(Symbol symbol);                     // NOLINT(*-explicit-*)
    BsonValue(DatabasePointer pointer);           // NOLINT(*-explicit-*)
    BsonValue(Undefined) noexcept;                // NOLINT(*-explicit-*)
    BsonValue(MinKey) noexcept;                   // NOLINT(*-explicit-*)
    BsonValue(MaxKey) noexcept;                   // NOLINT(*-explicit-*)
    BsonValue(const Document& document);          // NOLINT(*-explicit-*)
    BsonValue(const Array& array);                // NOLINT(*-explicit-*)
    template <class T>
    BsonValue(const std::optional<T>& value)  // NOLINT(*-explicit-*)
        : BsonValue{value ? BsonValue{*value} : BsonValue{}} {}
    /// A copy of the view's value. Throws `malformed_bson` if that is not a valid value.
    explicit BsonValue(BsonView view);

    /// A date: milliseconds since 1970, any 64-bit number.
    static BsonValue date_ms(std::int64_t milliseconds);

    /// From JSON text: an object, an array, or one other value, read as by `Document::from_json`.
    /// Throws `malformed_json`.
    [[nodiscard]] static BsonValue from_json(std::string_view text,
                                             const JsonOptions& options = {});

    [[nodiscard]] BsonType type() const noexcept { return type_; }
    [[nodiscard]] BsonView view() const noexcept { return BsonView{type_, raw_}; }
    operator BsonView() const noexcept { return view(); }  // NOLINT(*-explicit-*)

    /// Same type and same bytes; `amphora::now` equals no date.
    bool operator==(const BsonValue& other) const noexcept {
        return view() == other.view() && nows_ == other.nows_;
    }

  private:
    friend class Document;
    friend class Array;
    friend class codec::JsonParser;

    static BsonValue boolean(std::uint8_t value);
    static BsonValue real(double value);
    static BsonValue int32(std::int32_t value);
    static BsonValue int64(std::int64_t value);
    static BsonValue unsigned64(std::uint64_t value);
    template <std::integral I>
    static BsonValue integer(I value) {
        if constexpr (sizeof(I) < 4 || (sizeof(I) == 4 && std::signed_integral<I>)) {
            return int32(static_cast<std::int32_t>(value));
        } else if constexpr (std::signed_integral<I> || sizeof(I) < 8) {
            return int64(static_cast<std::int64_t>(value));
        } else {
            return unsigned64(static_cast<std::uint64_t>(value));
        }
    }

    BsonValue(BsonType type, std::string raw, int depth = 0) noexcept
        : type_{type}, depth_{static_cast<std::uint8_t>(depth)}, raw_{std::move(raw)} {}

    BsonType type_ = BsonType::null;
    std::uint8_t depth_ = 0;  // levels of nesting, at least
    std::string raw_;
    std::vector<std::uint32_t> nows_;  // offsets in `raw_` of dates that are `amphora::now`
};

/// A BSON document, owned.
class Document {
  public:
    struct Field {
        Field(std::string_view field_name, BsonValue field_value)
            : name{field_name}, value{std::move(field_value)} {}
        std::string_view name;
        BsonValue value;
    };

    Document();
    /// Throws `invalid_argument` if a name occurs twice or contains a NUL.
    Document(std::initializer_list<Field> fields);  // NOLINT(*-explicit-*)
    /// A copy of the view's document. Throws `malformed_bson` if that is not a valid document.
    explicit Document(DocumentView view);

    /// From BSON bytes, which are checked. Throws `malformed_bson` with the offset of the mistake.
    [[nodiscard]] static Document from_bson(std::string_view bytes);
    /// From JSON or Extended JSON version 2 (relaxed or canonical) with one object. Of Extended
    /// JSON version 1, dates (`{"$date": 42}`, milliseconds since 1970) and binaries (`{"$binary":
    /// "AA==", "$type": "00"}`) are understood.
    ///
    /// Whole numbers become int32 if they fit, else int64; for larger ones see `JsonOptions`.
    /// Numbers with a point or an exponent, and -0, become the nearest double.
    ///
    /// An object with a name that marks a type ($date, $oid, $numberLong, $binary, ...) is a value
    /// of that type, or an error. A document that really has such field names is written as
    /// `{"$document": [["$date", "a text"], ["more", 1]]}`: its fields in their order, each as its
    /// name and its value. This is Amphora's own extension; other programs see a field named
    /// $document.
    ///
    /// Throws `malformed_json` with line and column of the mistake. A name that occurs twice in an
    /// object is a mistake, too, because one of the values would be lost.
    [[nodiscard]] static Document from_json(std::string_view text, const JsonOptions& options = {});

    /// Adds a field at the end, without a test whether the name exists.
    Document& append(std::string_view name, const BsonValue& value);
    /// Replaces the value of the field, which keeps its position, or adds the field at the end.
    Document& set(std::string_view name, const BsonValue& value);
    /// Removes the field; was there one?
    bool erase(std::string_view name);

    [[nodiscard]] DocumentView view() const noexcept { return DocumentView{bytes_}; }
    operator DocumentView() const noexcept { return view(); }  // NOLINT(*-explicit-*)
    [[nodiscard]] std::string_view bytes() const noexcept { return bytes_; }
    [[nodiscard]] bool empty() const noexcept { return view().empty(); }
    [[nodiscard]] std::size_t count() const { return view().count(); }
    [[nodiscard]] DocumentView::Iterator begin() const { return view().begin(); }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }
    [[nodiscard]] std::optional<BsonView> field(std::string_view name) const {
        return view().field(name);
    }
    [[nodiscard]] std::optional<BsonView> find(std::string_view path) const {
        return view().find(path);
    }

    /// Whether `amphora::now` occurs in it, at any depth.
    [[nodiscard]] bool has_now() const noexcept { return !nows_.empty(); }
    /// A copy with that date, in milliseconds since 1970, in place of every `amphora::now`.
    [[nodiscard]] Document with_now(std::int64_t milliseconds) const;

    /// Equal bytes: the same fields in the same order with the same types. `amphora::now` equals no
    /// date.
    bool operator==(const Document& other) const noexcept {
        return bytes_ == other.bytes_ && nows_ == other.nows_;
    }

  private:
    friend class Array;
    friend class BsonValue;
    friend class codec::JsonParser;

    void replace(std::size_t offset, std::size_t bytes, std::string_view name,
                 const BsonValue& value);
    void move_nows(std::size_t offset, std::size_t bytes, std::size_t bytes_after);

    std::string bytes_;
    std::uint8_t depth_ = 1;           // levels of nesting, at least
    std::vector<std::uint32_t> nows_;  // offsets of dates that are `amphora::now`
};

/// A BSON array, owned. `Array{Array{1}}` is an array in an array.
class Array {
  public:
    Array() = default;
    Array(std::initializer_list<BsonValue> values);  // NOLINT(*-explicit-*)

    Array& append(const BsonValue& value);

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    /// The elements, as a document whose names are "0", "1", ...
    [[nodiscard]] DocumentView view() const noexcept { return elements_.view(); }
    [[nodiscard]] std::string_view bytes() const noexcept { return elements_.bytes(); }

    bool operator==(const Array&) const = default;

  private:
    friend class BsonValue;

    Document elements_;
    std::size_t size_ = 0;
};

/// The value as Extended JSON version 2. Every number keeps its exact value: a double is written in
/// the shortest form that reads back the same, with a point (1.0, -0.0) or, below 1E-5 and from
/// 1E+16 on, with an exponent (1.2345678921232E+18).
///   https://github.com/mongodb/specifications/blob/master/source/extended-json.md
///
/// `from_json` reads the text of a document back as that document. One with field names that mark
/// types, or with a name that occurs twice, is written as `{"$document": ...}`; see `from_json`.
/// The canonical text gives the same bytes back, except that a NaN, and a decimal128 in no
/// canonical form, read back as the canonical form of the value.
[[nodiscard]] std::string to_json(DocumentView document, JsonFormat format = JsonFormat::relaxed,
                                  JsonLayout layout = JsonLayout::line);
[[nodiscard]] std::string to_json(BsonView value, JsonFormat format = JsonFormat::relaxed,
                                  JsonLayout layout = JsonLayout::line);

}  // namespace amphora

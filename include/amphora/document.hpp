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
/// A `Document` or `BsonValue` is valid at every moment: names and strings are UTF-8, names have no
/// NUL, the elements of an array are named "0", "1", ..., the options of a regular expression stand
/// in the order of their characters, nesting is at most `document_depth_max`, size at most
/// `document_bytes_max`. What would break that throws and changes nothing. BSON from elsewhere,
/// bytes or a view, is checked where it becomes one of them; names in arrays and the order of
/// options are put right, as MongoDB's drivers do. Views (`DocumentView`, `BsonView`) own nothing
/// and live as long as the bytes they look at. All of them are values: any thread may read one that
/// nobody changes.
namespace amphora {

struct Blob;
namespace codec {
class JsonParser;
}

/// Levels of documents and arrays inside each other, the outermost counted; as in MongoDB.
inline constexpr int document_depth_max = 100;
/// Bytes of one document, as in MongoDB.
inline constexpr std::size_t document_bytes_max = std::size_t{16} << 20;

class Document;
class Array;

enum class JsonFormat : std::uint8_t {
    relaxed,    ///< readable: 1, 2.5, {"$date": "2026-01-31T12:34:56.789Z"}; int32 and int64 look
                ///< alike
    canonical,  ///< every type spelled out; parsing gives the same bytes back
};
enum class JsonLayout : std::uint8_t {
    line,      ///< one line: {"a": 1, "b": [1, 2]}
    indented,  ///< one element a line, two spaces a level
};

/// What becomes of a whole number in JSON (no point, no exponent) that no 64-bit integer holds. A
/// double would be another number.
enum class LargeIntegers : std::uint8_t {
    refused,   ///< `malformed_json`
    decimals,  ///< decimal128; `malformed_json` if it needs more than 34 digits
};
struct JsonOptions {
    LargeIntegers large_integers = LargeIntegers::refused;
};

/// One BSON value, owned: what becomes a field of a document, an _id, an operand of a filter.
///
/// Implicit from everything that has a BSON type. C++ integers that int holds become int32, wider
/// ones int64; DateTime becomes a date, cut to the millisecond at or before it.
///
/// `amphora::now` becomes a date in whose place `Transaction` puts the moment of the transaction:
/// in what is inserted or put, in updates and in the payload of events, at any depth. No date means
/// that by itself: the value and the document around it remember where it stands, and views of them
/// do not. A view, JSON text, a filter or an _id to look for has the moment at which the value was
/// made.
class BsonValue {
  public:
    BsonValue() noexcept = default;        ///< null
    BsonValue(std::nullptr_t) noexcept {}  // NOLINT(*-explicit-*)
    BsonValue(std::nullopt_t) noexcept {}  // NOLINT(*-explicit-*)
    BsonValue(Null) noexcept {}            // NOLINT(*-explicit-*)
    template <std::same_as<bool> B>
    BsonValue(B value) : BsonValue{boolean(value)} {}  // NOLINT(*-explicit-*)
    /// Throws `value_out_of_range` for an unsigned number beyond int64.
    template <std::integral I>
    requires(!std::same_as<I, bool>) BsonValue(I value)  // NOLINT(*-explicit-*)
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
    /// A copy of what the view looks at. Throws `malformed_bson` if that is no valid value.
    explicit BsonValue(BsonView view);

    /// A date of any 64-bit number of milliseconds since 1970.
    static BsonValue date_ms(std::int64_t milliseconds);

    /// From JSON text: an object, an array, or one value alone, as `Document::from_json` reads
    /// them. Throws `malformed_json`.
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
    std::vector<std::uint32_t> nows_;  // where in `raw_` a date stands that is `amphora::now`
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
    /// Throws `invalid_argument` if a name occurs twice or has a NUL in it.
    Document(std::initializer_list<Field> fields);  // NOLINT(*-explicit-*)
    /// A copy of what the view looks at. Throws `malformed_bson` if that is no valid document.
    explicit Document(DocumentView view);

    /// Bytes from outside. Throws `malformed_bson` with the offset of what is wrong.
    [[nodiscard]] static Document from_bson(std::string_view bytes);
    /// JSON or Extended JSON version 2 (relaxed or canonical) with one object. Of version 1 are
    /// understood dates, `{"$date": 42}`, which are milliseconds since 1970, and binaries,
    /// `{"$binary": "AA==", "$type": "00"}`.
    ///
    /// Whole numbers become int32 if they fit, else int64; beyond that see `JsonOptions`. Numbers
    /// with a point or an exponent, and -0, become the nearest double.
    ///
    /// An object with a name that marks a type ($date, $oid, $numberLong, $binary, ...) is a value
    /// of that type or wrong. A document that has such fields itself is spelled `{"$document":
    /// [["$date", "a text"], ["more", 1]]}`: its fields in their order, each with its name and its
    /// value. This is Amphora's own addition; other programs see a field named $document.
    ///
    /// Throws `malformed_json` with line and column of what is wrong; a name that occurs twice in
    /// an object is wrong too, for nothing is lost in silence.
    [[nodiscard]] static Document from_json(std::string_view text, const JsonOptions& options = {});

    /// Adds a field at the end without looking whether the name is there already.
    Document& append(std::string_view name, const BsonValue& value);
    /// Replaces the field's value where it stands, or adds it at the end.
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

    /// Whether `amphora::now` stands somewhere in it.
    [[nodiscard]] bool has_now() const noexcept { return !nows_.empty(); }
    /// A copy in which that date, in milliseconds since 1970, stands wherever `amphora::now` did.
    [[nodiscard]] Document with_now(std::int64_t milliseconds) const;

    /// Same bytes: same fields in the same order with the same types. `amphora::now` equals no
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
    std::vector<std::uint32_t> nows_;  // where a date stands that is `amphora::now`
};

/// A BSON array, owned. `Array{Array{1}}` is an array within an array.
class Array {
  public:
    Array() = default;
    Array(std::initializer_list<BsonValue> values);  // NOLINT(*-explicit-*)

    Array& append(const BsonValue& value);

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    /// The elements as a document whose names are "0", "1", ...
    [[nodiscard]] DocumentView view() const noexcept { return elements_.view(); }
    [[nodiscard]] std::string_view bytes() const noexcept { return elements_.bytes(); }

    bool operator==(const Array&) const = default;

  private:
    friend class BsonValue;

    Document elements_;
    std::size_t size_ = 0;
};

/// Extended JSON version 2. Numbers keep every bit: doubles in their shortest form that reads back
/// the same, with a point (1.0, -0.0) or, below 1E-5 and from 1E+16 on, with an exponent
/// (1.2345678921232E+18).
///   https://github.com/mongodb/specifications/blob/master/source/extended-json.md
///
/// What the text says of a document reads back as that document: one with fields whose names mark
/// types, or with a name that occurs twice, is spelled as `{"$document": ...}`, which `from_json`
/// describes. The canonical text gives the same bytes back, except that a NaN, or a decimal128 that
/// is no canonical one, reads back as the canonical one of its value.
[[nodiscard]] std::string to_json(DocumentView document, JsonFormat format = JsonFormat::relaxed,
                                  JsonLayout layout = JsonLayout::line);
[[nodiscard]] std::string to_json(BsonView value, JsonFormat format = JsonFormat::relaxed,
                                  JsonLayout layout = JsonLayout::line);

}  // namespace amphora

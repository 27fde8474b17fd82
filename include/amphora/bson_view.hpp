#pragma once

#include <amphora/object_id.hpp>
#include <amphora/types.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

/// BSON (https://bsonspec.org) in memory: its types, and views of values and documents. Views own
/// nothing and are valid as long as the bytes they point to. `Document` and `BsonValue`
/// (document.hpp) own their bytes.
namespace amphora {

/// The type byte of an element, as BSON numbers them.
enum class BsonType : std::uint8_t {
    real = 0x01,  ///< double
    string = 0x02,
    document = 0x03,
    array = 0x04,
    binary = 0x05,
    undefined = 0x06,  ///< deprecated, kept
    object_id = 0x07,
    boolean = 0x08,
    date = 0x09,  ///< milliseconds since 1970
    null = 0x0a,
    regex = 0x0b,
    db_pointer = 0x0c,  ///< deprecated, kept
    code = 0x0d,
    symbol = 0x0e,  ///< deprecated, kept
    code_with_scope = 0x0f,
    int32 = 0x10,
    timestamp = 0x11,
    int64 = 0x12,
    decimal128 = 0x13,
    max_key = 0x7f,
    min_key = 0xff,
};
/// MongoDB's name for the type, as `$type` takes it: "double", "string", "object", "int", "long"
/// ...
[[nodiscard]] std::string_view to_string(BsonType type) noexcept;

/// MongoDB's replication timestamp; for moments use DateTime.
struct Timestamp {
    std::uint32_t seconds = 0;
    std::uint32_t increment = 0;
    auto operator<=>(const Timestamp&) const = default;
};

/// IEEE 754-2008 decimal128 in BID encoding, least significant byte first, as BSON stores it.
/// Equality is by bytes: 1.0 and 1.00 are different.
struct Decimal128 {
    std::array<std::uint8_t, 16> bytes{};

    /// From "1.50", "-1E+3", "NaN", "Infinity". Exact, never rounded. Empty if the text is not such
    /// a number or needs more than 34 digits.
    [[nodiscard]] static std::optional<Decimal128> parse(std::string_view text) noexcept;
    /// Throws `value_out_of_range` for more than 34 digits.
    [[nodiscard]] static Decimal128 from(const Decimal& number);
    /// The number as a Decimal, if it is finite and fits 38 digits without an exponent.
    [[nodiscard]] std::optional<Decimal> to_decimal() const noexcept;

    bool operator==(const Decimal128&) const = default;
};
/// The text that the specification gives for the number; `parse` gives the same bytes back.
[[nodiscard]] std::string to_string(const Decimal128& number);

// Types that C++ has no type for.
struct Null {};
struct Undefined {};
struct MinKey {};
struct MaxKey {};
struct Binary {
    std::string_view bytes;
    std::uint8_t subtype = 0;
    bool operator==(const Binary&) const = default;
};
struct RegularExpression {
    std::string_view pattern;
    std::string_view options;  ///< letters; a `BsonValue` made of it has them sorted
    bool operator==(const RegularExpression&) const = default;
};
struct Symbol {
    std::string_view text;
};
struct DatabasePointer {
    std::string_view collection;
    ObjectId id;
};

class DocumentView;
class OptionalDocument;
struct Code;

/// One value inside BSON bytes, not owned: its type and its bytes (without type byte and name).
///
/// The `as_…` functions are empty for a value of another type. None of them throws, and none reads
/// outside the bytes.
class BsonView {
  public:
    /// Null.
    constexpr BsonView() noexcept = default;
    /// Points to bytes that are a value of that type. Bytes from outside are checked by making a
    /// `BsonValue` of the view.
    constexpr BsonView(BsonType type, std::string_view raw) noexcept : type_{type}, raw_{raw} {}

    [[nodiscard]] constexpr BsonType type() const noexcept { return type_; }
    [[nodiscard]] constexpr std::string_view raw() const noexcept { return raw_; }

    [[nodiscard]] constexpr bool is_null() const noexcept { return type_ == BsonType::null; }
    /// double, int32, int64 or decimal128.
    [[nodiscard]] constexpr bool is_number() const noexcept {
        return type_ == BsonType::int32 || type_ == BsonType::int64 || type_ == BsonType::real ||
               type_ == BsonType::decimal128;
    }
    [[nodiscard]] constexpr bool is_document() const noexcept {
        return type_ == BsonType::document;
    }
    [[nodiscard]] constexpr bool is_array() const noexcept { return type_ == BsonType::array; }

    [[nodiscard]] std::optional<bool> as_bool() const noexcept;
    /// Any number that is whole and fits: 3, 3.0 and NumberDecimal("3.00") give 3; 3.5 gives
    /// nothing.
    [[nodiscard]] std::optional<std::int32_t> as_int32() const noexcept;
    [[nodiscard]] std::optional<std::int64_t> as_int64() const noexcept;
    /// Any number; the nearest double where none is equal.
    [[nodiscard]] std::optional<double> as_double() const noexcept;
    [[nodiscard]] std::optional<Decimal128> as_decimal128() const noexcept;  ///< of that type only
    [[nodiscard]] std::optional<std::string_view> as_text() const noexcept;  ///< of type string
    [[nodiscard]] OptionalDocument as_document() const noexcept;
    /// The elements of an array, as a document whose names are "0", "1", ...
    [[nodiscard]] OptionalDocument as_array() const noexcept;
    [[nodiscard]] std::optional<Binary> as_binary() const noexcept;
    [[nodiscard]] std::optional<ObjectId> as_object_id() const noexcept;
    /// A date, if microseconds since 1970 can express it (292,277 years before and after).
    [[nodiscard]] std::optional<DateTime> as_datetime() const noexcept;
    [[nodiscard]] std::optional<std::int64_t> as_date_ms() const noexcept;
    [[nodiscard]] std::optional<Timestamp> as_timestamp() const noexcept;
    [[nodiscard]] std::optional<RegularExpression> as_regex() const noexcept;
    [[nodiscard]] std::optional<Code> as_code() const noexcept;  ///< with scope or without
    [[nodiscard]] std::optional<Symbol> as_symbol() const noexcept;
    [[nodiscard]] std::optional<DatabasePointer> as_db_pointer() const noexcept;

    /// Equal types and equal bytes: 1 and 1.0 are different. MongoDB's order is `codec::compare`.
    friend bool operator==(const BsonView&, const BsonView&) = default;

  private:
    BsonType type_ = BsonType::null;
    std::string_view raw_;
};

/// A name and its value, inside a document.
struct Element {
    std::string_view name;
    BsonView value;
};

/// BSON bytes of a document (or of an array's elements), not owned.
///
/// Iteration and `find` never read outside the bytes. On bytes that are no BSON document they throw
/// `malformed_bson` when they reach the damage. A name may occur twice in BSON from elsewhere;
/// `find` returns the first.
class DocumentView {
  public:
    class Iterator {
      public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Element;
        using difference_type = std::ptrdiff_t;
        using pointer = const Element*;
        using reference = const Element&;

        Iterator() noexcept = default;
        [[nodiscard]] const Element& operator*() const noexcept { return element_; }
        [[nodiscard]] const Element* operator->() const noexcept { return &element_; }
        Iterator& operator++();
        Iterator operator++(int) {
            Iterator before{*this};
            ++*this;
            return before;
        }
        /// Both from one document.
        friend bool operator==(const Iterator& left, const Iterator& right) noexcept {
            return left.rest_.size() == right.rest_.size() && left.done_ == right.done_;
        }
        friend bool operator==(const Iterator& left, std::default_sentinel_t) noexcept {
            return left.done_;
        }

      private:
        friend class DocumentView;
        explicit Iterator(std::string_view bytes);

        Element element_;
        std::string_view rest_;  // after the element
        bool done_ = true;
    };

    /// The empty document.
    DocumentView() noexcept;
    /// Points to bytes that are a document. `Document::from_bson` checks bytes from outside.
    explicit constexpr DocumentView(std::string_view bytes) noexcept : bytes_{bytes} {}

    [[nodiscard]] constexpr std::string_view bytes() const noexcept { return bytes_; }
    [[nodiscard]] bool empty() const noexcept { return bytes_.size() <= 5; }
    /// The number of elements. Walks the document.
    [[nodiscard]] std::size_t count() const;

    [[nodiscard]] Iterator begin() const { return Iterator{bytes_}; }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

    /// The value of the field with exactly this name; dots have no meaning.
    [[nodiscard]] std::optional<BsonView> field(std::string_view name) const;
    /// The value at a dotted path: names of fields and, in arrays, positions ("grades.0.score"). A
    /// path is not applied to each element of an array; filters do that.
    [[nodiscard]] std::optional<BsonView> find(std::string_view path) const;

    /// Equal bytes.
    friend bool operator==(const DocumentView&, const DocumentView&) = default;

  private:
    std::string_view bytes_;
};

/// A std::optional that returns its view as a copy. So `for (const Element& each :
/// *value.as_array())` does not walk a temporary that is already destroyed.
///
/// `*`, `->` and `value()` throw `type_mismatch` if the value is of another type, and
/// `malformed_bson` if its bytes are damaged.
class OptionalDocument : public std::optional<DocumentView> {
  public:
    using std::optional<DocumentView>::optional;
    /// No document: a value of type `wanted` was requested, and its type is `found`.
    constexpr OptionalDocument(BsonType wanted, BsonType found) noexcept
        : wanted_{wanted}, found_{found} {}

    [[nodiscard]] DocumentView operator*() const { return value(); }
    [[nodiscard]] const DocumentView* operator->() const {
        if (!has_value()) [[unlikely]] {
            refuse();
        }
        return std::optional<DocumentView>::operator->();
    }
    [[nodiscard]] DocumentView value() const { return *operator->(); }

  private:
    [[noreturn]] void refuse() const;

    BsonType wanted_ = BsonType::document;
    BsonType found_ = BsonType::null;
};

/// JavaScript text, stored and never run. `scope` is empty for code without a scope.
struct Code {
    std::string_view text;
    std::optional<DocumentView> scope;
};

}  // namespace amphora

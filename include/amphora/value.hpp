#pragma once

#include <amphora/cell.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace amphora {

/// Bytes that are not text.
struct Blob {
    std::string bytes;
    auto operator<=>(const Blob&) const = default;
};

/// One value of a row, owned: the dynamic form, for tools that have no structs. The value of an
/// ENUM is its member's name. A default-constructed Value is NULL.
class Value {
  public:
    using Holder = std::variant<std::monostate, bool, std::int64_t, double, Decimal, std::string,
                                Blob, DateTime, Date, Time>;

    Value() = default;
    Value(std::nullptr_t) {}  // NOLINT(*-explicit-*)
    /// Only for `bool` itself: a pointer, which C++ converts to `bool`, does not compile.
    template <std::same_as<bool> B>
    Value(B value) : holder_{value} {}  // NOLINT(*-explicit-*)
    /// Characters do not compile: they are no numbers. Throws `value_out_of_range` for an unsigned
    /// number beyond int64.
    template <std::integral I>
    requires(!std::same_as<I, bool> && !detail::is_character<I>)
        Value(I value)  // NOLINT(*-explicit-*)
        : holder_{integer(value)} {}
    template <std::floating_point F>
    Value(F value) : holder_{static_cast<double>(value)} {}         // NOLINT(*-explicit-*)
    Value(Decimal value) : holder_{value} {}                        // NOLINT(*-explicit-*)
    Value(std::string value) : holder_{std::move(value)} {}         // NOLINT(*-explicit-*)
    Value(std::string_view value) : holder_{std::string{value}} {}  // NOLINT(*-explicit-*)
    Value(const char* value) : holder_{std::string{value}} {}       // NOLINT(*-explicit-*)
    Value(Blob value) : holder_{std::move(value)} {}                // NOLINT(*-explicit-*)
    Value(DateTime value) : holder_{value} {}                       // NOLINT(*-explicit-*)
    Value(Now) : holder_{DateTime(now)} {}                          // NOLINT(*-explicit-*)
    Value(Date value) : holder_{value} {}                           // NOLINT(*-explicit-*)
    Value(Time value) : holder_{value} {}                           // NOLINT(*-explicit-*)

    /// A copy of the cell's value. `enumeration` cells become integers; `absent` becomes NULL.
    static Value from(const Cell& cell);

    /// The same value without ownership. Valid while this Value is alive and unchanged.
    [[nodiscard]] Cell cell() const noexcept;

    [[nodiscard]] bool is_null() const noexcept { return holder_.index() == 0; }
    [[nodiscard]] const Holder& holder() const noexcept { return holder_; }

    /// The value, if its type is exactly T; throws `type_mismatch` otherwise. A column's value is a
    /// `std::int64_t` (whole numbers), a `double` (FLOAT, DOUBLE) or a `std::string` (texts, ENUM).
    template <class T>
    [[nodiscard]] const T& as() const {
        if (const T* value = std::get_if<T>(&holder_)) [[likely]] {
            return *value;
        }
        refuse(Holder{std::in_place_type<T>}.index());
    }

    bool operator==(const Value&) const = default;

  private:
    template <std::integral I>
    static std::int64_t integer(I value) {
        if (!std::in_range<std::int64_t>(value)) refuse_large(static_cast<std::uint64_t>(value));
        return static_cast<std::int64_t>(value);
    }
    [[noreturn]] static void refuse_large(std::uint64_t value);
    /// `wanted`: the index in `Holder` of the requested type.
    [[noreturn]] void refuse(std::size_t wanted) const;

    Holder holder_;
};

/// The text of a value, as the tool prints it and CSV files have it. NULL gives "". Blobs are
/// hexadecimal. Parsed by the column's type, it gives the same value again: 1.50 in a DECIMAL(6,2),
/// -0.0 in a DOUBLE.
[[nodiscard]] std::string to_string(const Value& value);

/// A row in dynamic form: column names and values. A record from the engine has all columns, in the
/// table's order. A record for the engine may have them in any order and leave some out.
class Record {
  public:
    using Field = std::pair<std::string, Value>;

    Record() = default;
    Record(std::initializer_list<Field> fields) : fields_{fields} {}

    /// The column's value, or null if the record does not have the column.
    [[nodiscard]] const Value* find(std::string_view column) const noexcept;
    /// The column's value. Throws `no_such_column` if the record does not have the column.
    [[nodiscard]] const Value& operator[](std::string_view column) const;
    /// Sets or adds a column.
    void set(std::string_view column, Value value);

    [[nodiscard]] const std::vector<Field>& fields() const noexcept { return fields_; }
    [[nodiscard]] auto begin() const noexcept { return fields_.begin(); }
    [[nodiscard]] auto end() const noexcept { return fields_.end(); }
    [[nodiscard]] std::size_t size() const noexcept { return fields_.size(); }

    bool operator==(const Record&) const = default;

  private:
    std::vector<Field> fields_;
};

}  // namespace amphora

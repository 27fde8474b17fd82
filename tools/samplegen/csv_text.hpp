#pragma once

#include <amphora/types.hpp>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace amphora::samplegen {

/// One field of a CSV line; NULL is an empty field without quotes.
class Field {
  public:
    Field(std::nullopt_t) {}                                             // NOLINT(*-explicit-*)
    Field(bool value) : text_{value ? "true" : "false"} {}               // NOLINT(*-explicit-*)
    Field(std::int64_t value) : text_{std::to_string(value)} {}          // NOLINT(*-explicit-*)
    Field(DateTime value) : text_{to_string(value)} {}                   // NOLINT(*-explicit-*)
    Field(Time value) : text_{to_string(value)} {}                       // NOLINT(*-explicit-*)
    Field(const Decimal& value) : text_{to_string(value)} {}             // NOLINT(*-explicit-*)
    Field(std::string_view value);                                       // NOLINT(*-explicit-*)
    Field(const std::string& value) : Field{std::string_view{value}} {}  // NOLINT(*-explicit-*)
    Field(const char* value) : Field{std::string_view{value}} {}         // NOLINT(*-explicit-*)
    template <class T>
    Field(const std::optional<T>& value)  // NOLINT(*-explicit-*)
        : text_{value ? Field{*value}.text_ : std::string{}} {}

    [[nodiscard]] const std::string& text() const noexcept { return text_; }

  private:
    std::string text_;
};

/// A CSV file that is being written: a header, then lines.
class CsvText {
  public:
    explicit CsvText(std::string_view header) : text_{std::string{header} + "\n"} {}
    void add(std::initializer_list<Field> fields);
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

  private:
    std::string text_;
};

/// A text in JSON, with its quotes.
[[nodiscard]] std::string json_text(std::string_view text);
/// {"$date": "2026-01-05T09:00:00.000Z"}: milliseconds, as documents keep them.
[[nodiscard]] std::string json_date(DateTime moment);
/// {"$oid": "..."}: made from a number, the same each time.
[[nodiscard]] std::string json_id(std::uint64_t kind, std::uint64_t number);

}  // namespace amphora::samplegen

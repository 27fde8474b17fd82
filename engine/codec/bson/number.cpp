#include "codec/bson/number.hpp"

#include "base/assert.hpp"
#include "codec/bson/decimal128.hpp"
#include "codec/bytes_io.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace amphora::codec {

namespace {

constexpr double two_to_63 = 9223372036854775808.0;

std::weak_ordering reversed(std::weak_ordering order) noexcept {
    return 0 <=> order;
}

std::weak_ordering compare_reals(double left, double right) noexcept {
    const std::partial_ordering order = left <=> right;
    if (order == std::partial_ordering::less) return std::weak_ordering::less;
    if (order == std::partial_ordering::greater) return std::weak_ordering::greater;
    if (order == std::partial_ordering::equivalent) return std::weak_ordering::equivalent;
    return std::isnan(right) <=> std::isnan(left);  // one of them is NaN, the smallest number
}

std::weak_ordering compare_integer_real(std::int64_t left, double right) noexcept {
    if (std::isnan(right)) return std::weak_ordering::greater;
    if (right >= two_to_63) return std::weak_ordering::less;
    if (right < -two_to_63) return std::weak_ordering::greater;
    const auto whole = static_cast<std::int64_t>(right);
    if (left != whole) return left <=> whole;
    return compare_reals(0.0, right - static_cast<double>(whole));
}

/// A number as decimal digits. All four types have exact ones: a double has at most 767 digits.
class DecimalDigits {
  public:
    explicit DecimalDigits(std::int64_t number) noexcept {
        const bool negative = number < 0;
        const auto magnitude = static_cast<std::uint64_t>(number);
        place(negative, negative ? 0 - magnitude : magnitude, 0);
    }

    explicit DecimalDigits(double number) noexcept {
        if (std::isnan(number)) {
            rank_ = rank_nan;
        } else if (std::isinf(number)) {
            rank_ = number < 0 ? -rank_infinite : rank_infinite;
        } else if (number != 0) {
            place(number);
        }
    }

    explicit DecimalDigits(const Decimal128& number) noexcept {
        const DecimalParts parts = unpack(number);
        if (parts.kind == DecimalParts::Kind::nan) {
            rank_ = rank_nan;
        } else if (parts.kind == DecimalParts::Kind::infinite) {
            rank_ = parts.negative ? -rank_infinite : rank_infinite;
        } else {
            place(parts.negative, parts.coefficient, parts.exponent);
        }
    }

    friend std::weak_ordering operator<=>(const DecimalDigits& left,
                                          const DecimalDigits& right) noexcept {
        if (left.rank_ != right.rank_) return left.rank_ <=> right.rank_;
        if (std::abs(left.rank_) != rank_finite) return std::weak_ordering::equivalent;
        std::weak_ordering order = left.exponent_ <=> right.exponent_;
        // Without trailing zeros, digits of the same power compare as text.
        if (order == 0) order = left.digits() <=> right.digits();
        return left.rank_ < 0 ? reversed(order) : order;
    }

  private:
    static constexpr int rank_nan = -3;
    static constexpr int rank_infinite = 2;
    static constexpr int rank_finite = 1;  // zero is 0
    static constexpr int double_digits_max = 767;

    [[nodiscard]] std::string_view digits() const noexcept { return {digits_.data(), count_}; }

    void place(bool negative, UInt128 coefficient, int exponent) noexcept {
        if (coefficient == 0) return;
        rank_ = negative ? -rank_finite : rank_finite;
        std::size_t count = 0;
        for (; coefficient != 0; coefficient /= 10) {
            digits_[count++] = static_cast<char>('0' + static_cast<int>(coefficient % 10));
        }
        std::reverse(digits_.begin(), digits_.begin() + static_cast<std::ptrdiff_t>(count));
        exponent_ = exponent + static_cast<int>(count) - 1;
        cut_zeros(count);
    }

    void place(double number) noexcept {
        rank_ = number < 0 ? -rank_finite : rank_finite;
        // The form d.ddd…e±xxx, with all digits.
        const auto [end, status] =
            std::to_chars(digits_.data(), digits_.data() + digits_.size(), std::abs(number),
                          std::chars_format::scientific, double_digits_max - 1);
        AMPHORA_ASSERT(status == std::errc{});
        const char* const mark = std::find(digits_.data(), end, 'e');
        std::from_chars(mark + (mark[1] == '+' ? 2 : 1), end, exponent_);
        std::copy(digits_.data() + 2, const_cast<char*>(mark), digits_.data() + 1);
        cut_zeros(static_cast<std::size_t>(mark - digits_.data()) - 1);
    }

    void cut_zeros(std::size_t count) noexcept {
        while (count > 1 && digits_[count - 1] == '0') --count;
        count_ = count;
    }

    int rank_ = 0;
    int exponent_ = 0;  // of the first digit
    std::size_t count_ = 0;
    std::array<char, double_digits_max + 8> digits_;
};

DecimalDigits digits_of(BsonView number) noexcept {
    if (const auto decimal = number.as_decimal128()) return DecimalDigits{*decimal};
    if (number.type() == BsonType::real) return DecimalDigits{*number.as_double()};
    return DecimalDigits{*number.as_int64()};
}

}  // namespace

std::optional<std::int64_t> whole_int64(double number) noexcept {
    if (!(number >= -two_to_63 && number < two_to_63)) return std::nullopt;
    const auto whole = static_cast<std::int64_t>(number);
    return static_cast<double>(whole) == number ? std::optional{whole} : std::nullopt;
}

std::optional<std::int64_t> whole_int64(const Decimal128& number) noexcept {
    DecimalParts parts = unpack(number);
    if (parts.kind != DecimalParts::Kind::finite) return std::nullopt;
    if (parts.coefficient == 0) return 0;
    for (; parts.exponent < 0; ++parts.exponent) {
        if (parts.coefficient % 10 != 0) return std::nullopt;
        parts.coefficient /= 10;
    }
    const UInt128 limit = (UInt128{1} << 63) - (parts.negative ? 0 : 1);
    for (; parts.exponent > 0 && parts.coefficient <= limit; --parts.exponent) {
        parts.coefficient *= 10;
    }
    if (parts.coefficient > limit) return std::nullopt;
    const auto magnitude = static_cast<std::uint64_t>(parts.coefficient);
    return static_cast<std::int64_t>(parts.negative ? 0 - magnitude : magnitude);
}

double nearest_double(const Decimal128& number) noexcept {
    const DecimalParts parts = unpack(number);
    double result = std::numeric_limits<double>::quiet_NaN();
    if (parts.kind == DecimalParts::Kind::infinite) {
        result = std::numeric_limits<double>::infinity();
    } else if (parts.kind == DecimalParts::Kind::finite) {
        const std::string text = to_string(number);
        const char* const begin = text.data() + (parts.negative ? 1 : 0);
        const auto [end, status] = std::from_chars(begin, text.data() + text.size(), result);
        if (status == std::errc::result_out_of_range) {
            result = parts.exponent > 0 ? std::numeric_limits<double>::infinity() : 0.0;
        }
    }
    return parts.negative ? -result : result;
}

std::weak_ordering compare_numbers(BsonView left, BsonView right) noexcept {
    const bool left_real = left.type() == BsonType::real;
    const bool right_real = right.type() == BsonType::real;
    if (left.type() == BsonType::decimal128 || right.type() == BsonType::decimal128) {
        return digits_of(left) <=> digits_of(right);
    }
    if (left_real && right_real) return compare_reals(*left.as_double(), *right.as_double());
    if (left_real) return reversed(compare_integer_real(*right.as_int64(), *left.as_double()));
    if (right_real) return compare_integer_real(*left.as_int64(), *right.as_double());
    return *left.as_int64() <=> *right.as_int64();
}

}  // namespace amphora::codec

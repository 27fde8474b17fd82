#include "codec/exact_double.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

namespace amphora::codec {

namespace {

// 10^310 is above the largest double, 10^-330 below half of the smallest.
constexpr int decimal_exponent_most = 310;
constexpr int decimal_exponent_least = -330;

// A whole number of at most 1280 bits: 39 digits * 5^310 has 849, 5^369 shifted by 63 has 920.
class Whole {
  public:
    explicit Whole(UInt128 value) noexcept {
        limbs_[0] = static_cast<std::uint64_t>(value);
        limbs_[1] = static_cast<std::uint64_t>(value >> 64);
        used_ = limbs_[1] != 0 ? 2 : limbs_[0] != 0 ? 1 : 0;
    }
    void multiply(std::uint64_t factor) noexcept {
        std::uint64_t carry = 0;
        for (int i = 0; i < used_; ++i) {
            const UInt128 product = static_cast<UInt128>(limb(i)) * factor + carry;
            limb(i) = static_cast<std::uint64_t>(product);
            carry = static_cast<std::uint64_t>(product >> 64);
        }
        if (carry != 0) limb(used_++) = carry;
    }
    void multiply_by_power_of_five(int exponent) noexcept {
        constexpr std::uint64_t five_27 = 7'450'580'596'923'828'125;
        for (; exponent >= 27; exponent -= 27) multiply(five_27);
        for (; exponent > 0; --exponent) multiply(5);
    }
    void shift_left(int bits) noexcept {
        const int limbs = bits / 64;
        bits %= 64;
        if (limbs > 0) {
            for (int i = used_ - 1; i >= 0; --i) limb(i + limbs) = limb(i);
            for (int i = 0; i < limbs; ++i) limb(i) = 0;
            if (used_ > 0) used_ += limbs;
        }
        if (bits == 0) return;
        std::uint64_t carry = 0;
        for (int i = 0; i < used_; ++i) {
            const std::uint64_t next = limb(i) >> (64 - bits);
            limb(i) = limb(i) << bits | carry;
            carry = next;
        }
        if (carry != 0) limb(used_++) = carry;
    }
    // Subtracts `other` unless it is larger; returns whether it did.
    bool subtract_if_it_fits(const Whole& other) noexcept {
        if (used_ < other.used_) return false;
        if (used_ == other.used_) {
            for (int i = used_ - 1; i >= 0; --i) {
                if (limb(i) != other.limb(i)) {
                    if (limb(i) < other.limb(i)) return false;
                    break;
                }
            }
        }
        bool borrow = false;
        for (int i = 0; i < used_; ++i) {
            const std::uint64_t taken = i < other.used_ ? other.limb(i) : 0;
            std::uint64_t difference = 0;
            const bool first = __builtin_sub_overflow(limb(i), taken, &difference);
            const bool second =
                __builtin_sub_overflow(difference, std::uint64_t{borrow}, &difference);
            limb(i) = difference;
            borrow = first || second;
        }
        while (used_ > 0 && limb(used_ - 1) == 0) --used_;
        return true;
    }
    [[nodiscard]] int bits() const noexcept {
        return used_ == 0 ? 0 : 64 * used_ - __builtin_clzll(limb(used_ - 1));
    }
    [[nodiscard]] bool is_zero() const noexcept { return used_ == 0; }

  private:
    std::uint64_t& limb(int i) noexcept { return limbs_[static_cast<std::size_t>(i)]; }
    [[nodiscard]] std::uint64_t limb(int i) const noexcept {
        return limbs_[static_cast<std::size_t>(i)];
    }

    std::array<std::uint64_t, 20> limbs_{};
    int used_ = 0;
};

// A number from bits * 2^exponent up to, but without, (bits + 1) * 2^exponent. `bits` has at least
// 62 bits.
struct Quotient {
    std::uint64_t bits;
    int exponent;
    bool exact;
};

Quotient divide(std::uint64_t dividend, std::uint64_t divisor) noexcept {
    const int dividend_shift = __builtin_clzll(dividend);
    const int divisor_shift = __builtin_clzll(divisor);
    const UInt128 shifted = static_cast<UInt128>(dividend << dividend_shift) << 63;
    const std::uint64_t normalized = divisor << divisor_shift;
    return {static_cast<std::uint64_t>(shifted / normalized), divisor_shift - dividend_shift - 63,
            shifted % normalized == 0};
}

Quotient divide(Whole dividend, Whole divisor) noexcept {
    const int shift = 63 - (dividend.bits() - divisor.bits());
    if (shift > 0) dividend.shift_left(shift);
    if (shift < 0) divisor.shift_left(-shift);
    divisor.shift_left(63);
    Quotient quotient{0, -shift, false};
    for (int i = 0; i < 64; ++i) {
        quotient.bits <<= 1;
        if (dividend.subtract_if_it_fits(divisor)) quotient.bits |= 1;
        dividend.shift_left(1);
    }
    quotient.exact = dividend.is_zero();
    return quotient;
}

Quotient scale(UInt128 digits, int exponent) noexcept {
    // 10^e is 5^e * 2^e, and the power of two only changes the exponent of the result.
    constexpr auto fives = [] {
        std::array<std::uint64_t, 28> powers{};
        std::uint64_t power = 1;
        for (auto& each : powers) {
            each = power;
            power *= 5;
        }
        return powers;
    }();
    Quotient quotient{};
    if (digits >> 64 == 0 && exponent <= 0 && exponent > -static_cast<int>(fives.size())) {
        quotient =
            divide(static_cast<std::uint64_t>(digits), fives[static_cast<std::size_t>(-exponent)]);
    } else {
        Whole dividend{digits};
        Whole divisor{1};
        (exponent >= 0 ? dividend : divisor).multiply_by_power_of_five(std::abs(exponent));
        quotient = divide(dividend, divisor);
    }
    quotient.exponent += exponent;
    return quotient;
}

}  // namespace

FlooredDouble floor_to_double(UInt128 digits, int exponent) noexcept {
    constexpr FlooredDouble beyond{std::numeric_limits<double>::max(), false};
    const int first_digit = count_digits(digits) + exponent;
    if (first_digit > decimal_exponent_most) return beyond;
    if (first_digit < decimal_exponent_least) return {0.0, false};

    auto [bits, power, exact] = scale(digits, exponent);
    const int top = 63 - __builtin_clzll(bits);
    const int binary_exponent = top + power;
    if (binary_exponent > 1023) return beyond;
    const int precision = binary_exponent >= -1022 ? 53 : binary_exponent + 1075;
    if (precision <= 0) return {0.0, false};
    const int dropped = top + 1 - precision;
    if (dropped > 0) {
        exact = exact && (bits & ((std::uint64_t{1} << dropped) - 1)) == 0;
        bits >>= dropped;
        power += dropped;
    }
    return {std::ldexp(static_cast<double>(bits), power), exact};
}

}  // namespace amphora::codec

#include "codec/bson/order.hpp"
#include "document/collection/declared_field.hpp"
#include "document/update/action.hpp"
#include "document/update/decimal_arithmetic.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

/// $inc and $mul: the result has the wider of both types, and int32 becomes int64 if necessary.
namespace amphora::document {

namespace {

using Operator = UpdateAction::Operator;

Decimal128 to_decimal128(BsonView number) {
    if (const auto decimal = number.as_decimal128()) return *decimal;
    if (number.type() == BsonType::real) return decimal_of(*number.as_double());
    return Decimal128::from(Decimal{*number.as_int64(), 0});
}

bool has(BsonType type, BsonView left, BsonView right) {
    return left.type() == type || right.type() == type;
}

BsonValue combine(const UpdateAction& action, BsonView stored, BsonView operand) {
    const bool adds = action.operation == Operator::increment;
    if (has(BsonType::decimal128, stored, operand)) {
        const Decimal128 left = to_decimal128(stored);
        const Decimal128 right = to_decimal128(operand);
        return adds ? add(left, right) : multiply(left, right);
    }
    if (has(BsonType::real, stored, operand)) {
        const double left = *stored.as_double();
        const double right = *operand.as_double();
        return adds ? left + right : left * right;
    }
    const std::int64_t left = *stored.as_int64();
    const std::int64_t right = *operand.as_int64();
    std::int64_t result = 0;
    if (adds ? __builtin_add_overflow(left, right, &result)
             : __builtin_mul_overflow(left, right, &result)) {
        throw Error{ErrorCode::value_out_of_range,
                    fmt::format("update: field {}: {} {} {} is beyond 64 bits",
                                action.path.dotted(), left, adds ? "+" : "*", right)};
    }
    if (!has(BsonType::int64, stored, operand) && result >= INT32_MIN && result <= INT32_MAX) {
        return static_cast<std::int32_t>(result);
    }
    return result;
}

/// The result of $mul for a missing field: zero, in the type of the operand.
BsonValue zero_like(BsonView operand) {
    switch (operand.type()) {
        case BsonType::int32:
            return std::int32_t{0};
        case BsonType::int64:
            return std::int64_t{0};
        case BsonType::real:
            return 0.0;
        default:
            return Decimal{0, 0};
    }
}

}  // namespace

void apply_number(const UpdateAction& action, MutableValue& root, std::deque<BsonValue>& made) {
    MutableValue* target = find_at(root, action.path);
    if (target == nullptr) {
        make_at(root, action.path) =
            action.operation == Operator::increment
                ? MutableValue{action.operand}
                : MutableValue{made.emplace_back(zero_like(action.operand))};
        return;
    }
    Buffer scratch;
    const BsonView stored = target->view(scratch);
    if (!stored.is_number()) {
        throw Error{ErrorCode::type_mismatch,
                    fmt::format("update: {} of {}: {} is no number",
                                action.operation == Operator::increment ? "$inc" : "$mul",
                                action.path.dotted(), describe(stored))};
    }
    BsonValue result = combine(action, stored, action.operand);
    // An equal number keeps its form: -0 remains -0, 1.50 remains 1.50.
    if (result.type() == stored.type() && codec::compare(result, stored) == 0) return;
    *target = MutableValue{made.emplace_back(std::move(result))};
}

}  // namespace amphora::document

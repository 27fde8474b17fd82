// Elements of keys as cells: the values of columns, without the row.
#include "codec/key_reader.hpp"

#include <fmt/format.h>

namespace amphora::codec {

Cell KeyReader::cell() const {
    switch (kind_) {
        case KeyKind::null:
            return Cell::null();
        case KeyKind::boolean:
            return Cell::of(boolean());
        case KeyKind::text:
            return Cell::of(std::string_view{text_});
        case KeyKind::blob:
            return Cell::blob(text_);
        case KeyKind::date:
            return Cell::of(Date{static_cast<std::int32_t>(integer_)});
        case KeyKind::time:
            return Cell::of(Time{integer_});
        case KeyKind::enumeration:
            return Cell::enumeration(integer_);
        case KeyKind::datetime:
            if (in_range_) return Cell::of(DateTime{integer_});
            break;
        case KeyKind::number:
            if (number_.form == KeyNumber::Form::integer) return Cell::of(number_.integer);
            if (number_.form == KeyNumber::Form::real) return Cell::of(number_.real);
            if (const auto decimal = number_.to_decimal()) return Cell::of(*decimal);
            break;
        default:
            break;
    }
    damaged(
        fmt::format("not {} but a value of a column as the element that ends", to_string(kind_)));
}

Cell KeyReader::cell(RowType type) const {
    if (kind_ == KeyKind::null) return Cell::null();
    const auto require = [&](KeyKind kind) {
        if (kind_ != kind)
            damaged(fmt::format("not {} but {} as the element that ends", to_string(kind_),
                                to_string(kind)));
    };
    switch (type) {
        case RowType::int16:
        case RowType::int32:
        case RowType::int64:
            require(KeyKind::number);
            if (const auto whole = number_.to_int64()) return Cell::of(*whole);
            damaged("a whole number as the element that ends");
        case RowType::float32:
        case RowType::float64:
            require(KeyKind::number);
            return Cell::of(number_.to_double());
        case RowType::decimal:
            require(KeyKind::number);
            if (const auto decimal = number_.to_decimal()) return Cell::of(*decimal);
            damaged("a decimal as the element that ends");
        case RowType::boolean:
            require(KeyKind::boolean);
            break;
        case RowType::text:
            require(KeyKind::text);
            break;
        case RowType::blob:
            require(KeyKind::blob);
            break;
        case RowType::datetime:
            require(KeyKind::datetime);
            break;
        case RowType::date:
            require(KeyKind::date);
            break;
        case RowType::time:
            require(KeyKind::time);
            break;
        case RowType::enumeration:
            require(KeyKind::enumeration);
            break;
    }
    return cell();
}

}  // namespace amphora::codec

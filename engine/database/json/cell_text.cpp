#include "database/json/cell_text.hpp"

#include "codec/json/base64.hpp"
#include "codec/json/text.hpp"

#include <cmath>
#include <string>

namespace amphora::detail {

namespace {

using codec::append_quoted;

void append_real(Buffer& json, double number, Precision precision) {
    if (!std::isfinite(number)) {
        append_quoted(json, std::isnan(number) ? "NaN" : number < 0 ? "-Infinity" : "Infinity");
    } else if (precision == Precision::single) {
        codec::append_real(json, static_cast<float>(number));
    } else {
        codec::append_real(json, number);
    }
}

}  // namespace

void append_cell(Buffer& json, const Cell& cell, Precision precision) {
    switch (cell.kind()) {
        case Cell::Kind::absent:
        case Cell::Kind::null:
        case Cell::Kind::present_moment:
            json += "null";
            return;
        case Cell::Kind::boolean:
            json += cell.boolean() ? "true" : "false";
            return;
        case Cell::Kind::integer:
        case Cell::Kind::enumeration:
            json += std::to_string(cell.integer());
            return;
        case Cell::Kind::real:
            return append_real(json, cell.real(), precision);
        case Cell::Kind::text:
            return append_quoted(json, cell.text());
        case Cell::Kind::blob:
            json += '"';
            codec::append_base64(json, cell.text());
            json += '"';
            return;
        case Cell::Kind::decimal:
            return append_quoted(json, to_string(cell.decimal()));
        case Cell::Kind::datetime:
            return append_quoted(json, to_string(cell.datetime()));
        case Cell::Kind::date:
            return append_quoted(json, to_string(cell.date()));
        case Cell::Kind::time:
            return append_quoted(json, to_string(cell.time()));
    }
}

}  // namespace amphora::detail

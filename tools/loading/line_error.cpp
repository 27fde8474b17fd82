#include "loading/line_error.hpp"

namespace amphora::loading {

bool is_about_the_line(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::invalid_argument:
        case ErrorCode::type_mismatch:
        case ErrorCode::value_out_of_range:
        case ErrorCode::value_too_large:
        case ErrorCode::invalid_utf8:
        case ErrorCode::malformed_json:
        case ErrorCode::malformed_bson:
        case ErrorCode::malformed_csv:
        case ErrorCode::duplicate_key:
        case ErrorCode::not_null_violation:
        case ErrorCode::check_violation:
        case ErrorCode::foreign_key_violation:
            return true;
        default:
            return false;
    }
}

}  // namespace amphora::loading

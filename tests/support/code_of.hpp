#pragma once

#include <amphora/error.hpp>

#include <optional>

namespace amphora::support {

/// The code of the Error that `call` throws; none if it throws none.
template <class Call>
std::optional<ErrorCode> code_of(Call&& call) {
    try {
        static_cast<void>(call());
    } catch (const Error& error) {
        return error.code();
    }
    return std::nullopt;
}

}  // namespace amphora::support

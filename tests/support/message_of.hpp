#pragma once

#include <amphora/error.hpp>

#include <gtest/gtest.h>

#include <string>

namespace amphora::support {

/// The message of the Error that `call` throws, which must have this code; fails the test
/// otherwise.
template <class Call>
std::string message_of(ErrorCode code, Call&& call) {
    try {
        call();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), code) << error.what();
        return error.what();
    }
    ADD_FAILURE() << "nothing was thrown";
    return {};
}

}  // namespace amphora::support

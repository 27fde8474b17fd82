#pragma once

#include <gtest/gtest.h>

/// For tests in which no file can be opened. The sanitizer opens a pipe to look at an object's
/// type, and takes a refusal for a bad object.
#ifdef __SANITIZE_ADDRESS__
#define AMPHORA_SKIP_WHERE_CHECKS_NEED_DESCRIPTORS() \
    GTEST_SKIP() << "the sanitizer needs descriptors of its own"
#else
#define AMPHORA_SKIP_WHERE_CHECKS_NEED_DESCRIPTORS() static_cast<void>(0)
#endif

#include "document/filter.hpp"
#include <gtest/gtest.h>

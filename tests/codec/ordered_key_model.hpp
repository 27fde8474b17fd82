#pragma once

#include "random.hpp"

#include "codec/key/ordered_key.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

/// What keys are to be true to: values of every kind and their order, told without any of the code
/// that is under test. Numbers are whole numbers of any size times powers of two and ten.
namespace amphora::codec {

struct Exact;

struct Item {
    enum class Source : std::uint8_t { int64, real, decimal, decimal128, datetime, date_ms, other };

    KeyKind kind = KeyKind::null;
    Source source = Source::other;
    std::int64_t integer = 0;  // also boolean, date, time, timestamp, enumeration, milliseconds
    double real = 0;
    Decimal decimal;
    std::uint8_t decimal128[16]{};
    std::string text;    // also the pattern, the collection, the code
    std::string second;  // options, id
    std::uint8_t subtype = 0;
    std::vector<std::string> names;  // of the contents; empty in an array
    std::vector<Item> contents;
};

/// Exact order of two values; `equal` also for 1 and 1.0.
std::strong_ordering compare(const Item& left, const Item& right);

void write(KeyWriter& key, const Item& item);

Item random_item(Random& random, int depth = 0);
Item random_number(Random& random);

/// Copies all elements to another key, which proves that the reader saw all there is.
Buffer copy(Bytes key);

std::string hex(Bytes bytes);

}  // namespace amphora::codec

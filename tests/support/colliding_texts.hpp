#pragma once

#include <string>
#include <utility>

namespace amphora::support {

/// Two different texts that have one limited key where they are the primary key of a table: their
/// first 200 bytes and the 128-bit XXH3 of the whole keys are the same. XXH3 adds up products of
/// the low and the high half of each eight bytes, both mixed with constants. The bytes at two places
/// are chosen so that their low halves are mixed to one number, and one bit of their high halves is
/// exchanged between the two places: every sum stays as it was.
inline std::pair<std::string, std::string> colliding_texts() {
    constexpr std::size_t text_begins = 5;  // in the key: after the space and the tag
    std::string one(995, 'k');
    std::string other = one;
    one.replace(256 - text_begins, 8, "paaabkkk").replace(320 - text_begins, 8, "9BWRckkk");
    other.replace(256 - text_begins, 8, "paaackkk").replace(320 - text_begins, 8, "9BWRbkkk");
    return {one, other};
}

}  // namespace amphora::support

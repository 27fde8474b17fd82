#include "workload/dice.hpp"

namespace amphora::workload {

Dice::Dice(std::initializer_list<std::uint64_t> made_from) noexcept : state_{0} {
    for (const std::uint64_t part : made_from) state_ = (*this)() ^ part;
}

std::uint64_t Dice::operator()() noexcept {
    state_ += 0x9e3779b97f4a7c15ull;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ull;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebull;
    return mixed ^ (mixed >> 31);
}

std::string filler(std::uint64_t seed, std::size_t bytes) {
    Dice dice{seed};
    std::string text(bytes, ' ');
    for (std::size_t at = 0; at < bytes; at += 8) {
        std::uint64_t letters = dice();
        for (std::size_t next = at; next < bytes && next < at + 8; ++next, letters >>= 8) {
            text[next] = static_cast<char>('a' + (letters & 0xff) % 26);
        }
    }
    return text;
}

}  // namespace amphora::workload

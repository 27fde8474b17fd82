#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

/// Chance that can be had again: the seed comes from AMPHORA_SEED, and tests show it when they
/// fail.
namespace amphora::codec {

inline std::uint64_t test_seed() {
    const char* const text = std::getenv("AMPHORA_SEED");
    return text != nullptr ? std::strtoull(text, nullptr, 10) : 20260131;
}

class Random {
  public:
    Random() : engine_{test_seed()} {}

    /// From 0 to below `limit`.
    std::uint64_t below(std::uint64_t limit) { return limit == 0 ? 0 : engine_() % limit; }
    std::int64_t between(std::int64_t least, std::int64_t most) {
        return least +
               static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most - least) + 1));
    }
    bool one_in(std::uint64_t times) { return below(times) == 0; }
    std::uint64_t bits() { return engine_(); }
    template <class T, std::size_t n>
    const T& of(const T (&choices)[n]) {
        return choices[below(n)];
    }
    /// Text from few letters, with those among them that have a meaning in the encodings, so that
    /// texts often begin alike.
    std::string text(std::size_t bytes_max) {
        static constexpr char letters[] = {'\0', '\1', '\2', 'a', 'b', '\x7f', '\xfe', '\xff'};
        std::string result(below(bytes_max + 1), '\0');
        for (char& c : result) c = one_in(16) ? static_cast<char>(bits()) : of(letters);
        return result;
    }

  private:
    std::mt19937_64 engine_;
};

/// Whether a random test may continue: for `milliseconds`, times AMPHORA_TEST_SCALE. At least one
/// round.
class Rounds {
  public:
    explicit Rounds(int milliseconds) {
        const char* const scale = std::getenv("AMPHORA_TEST_SCALE");
        end_ = std::chrono::steady_clock::now() +
               std::chrono::milliseconds{milliseconds} *
                   (scale != nullptr ? std::strtol(scale, nullptr, 10) : 1);
    }
    bool next() { return count_++ == 0 || std::chrono::steady_clock::now() < end_; }
    [[nodiscard]] int count() const { return count_; }

  private:
    std::chrono::steady_clock::time_point end_;
    int count_ = 0;
};

}  // namespace amphora::codec

#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

/// What random tests share: a seed that can be repeated, and a length that can be extended.
namespace amphora::support {

/// Numbers from AMPHORA_SEED, else from a fixed seed.
class Random {
  public:
    explicit Random(std::uint64_t otherwise = 20'260'131)
        : seed_{from_environment("AMPHORA_SEED", otherwise)}, engine_{seed_} {}

    using result_type = std::mt19937_64::result_type;
    static constexpr result_type min() { return std::mt19937_64::min(); }
    static constexpr result_type max() { return std::mt19937_64::max(); }
    result_type operator()() { return engine_(); }
    /// True once in `times`.
    [[nodiscard]] bool once_in(std::uint64_t times) { return engine_() % times == 0; }

    [[nodiscard]] std::uint64_t seed() const { return seed_; }
    /// To be printed by a test that fails.
    [[nodiscard]] std::string seed_text() const {
        return "again with AMPHORA_SEED=" + std::to_string(seed_);
    }

    static std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
        const char* const text = std::getenv(name);
        return text == nullptr || *text == '\0' ? otherwise : std::strtoull(text, nullptr, 10);
    }

  private:
    std::uint64_t seed_;
    std::mt19937_64 engine_;
};

/// How much longer than usual random tests run: AMPHORA_TEST_SCALE, default 1.
inline std::uint64_t test_scale() {
    return Random::from_environment("AMPHORA_TEST_SCALE", 1);
}

}  // namespace amphora::support

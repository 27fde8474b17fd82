#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace amphora::fuzz {

/// Small, fast and the same on every machine: splitmix64.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) noexcept : state_{seed} {}
    std::uint64_t roll() noexcept {
        state_ += 0x9e3779b97f4a7c15;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        return mixed ^ (mixed >> 31);
    }
    std::size_t below(std::size_t bound) noexcept { return bound == 0 ? 0 : roll() % bound; }

  private:
    std::uint64_t state_;
};

/// Inputs that are nearly right: samples with bytes and words changed, doubled, left out, or taken
/// from elsewhere. A word is a name, a number, a text in quotes, or one sign, in all languages of
/// the targets. Seed and number alone decide the input.
class Mutation {
  public:
    /// The samples are the files of a directory, in the order of their names.
    Mutation(const std::string& corpus, std::uint64_t seed);

    [[nodiscard]] std::string input(std::uint64_t number) const;
    [[nodiscard]] std::size_t samples() const noexcept { return samples_.size(); }

  private:
    void change_byte(std::string& text, Dice& dice) const;
    void change_words(std::string& text, Dice& dice) const;
    [[nodiscard]] const std::string& any_sample(Dice& dice) const;

    std::uint64_t seed_;
    std::vector<std::string> samples_;
    std::vector<std::string> words_;
};

}  // namespace amphora::fuzz

#pragma once

#include "corruption/image.hpp"
#include "corruption/judgement.hpp"
#include "support/scratch_directory.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace amphora::corruption {

/// What is done after the damage.
enum class Aftermath : std::uint8_t { reading, repair };

/// What is damaged.
enum class Target : std::uint8_t {
    any,      ///< any file; a third of all cases are LMDB's pages, where no library helps
    table,    ///< RocksDB's table files
    journal,  ///< the segments
    catalog,  ///< bits of the definitions' entries, in LMDB's pages
    rows,     ///< bits of rows and of index entries, in LMDB's pages
};
/// By the name that `tools/corruption --kind` takes; none: there is no such target.
[[nodiscard]] std::optional<Target> target_named(std::string_view name);
[[nodiscard]] std::string_view to_string(Target target) noexcept;

struct CorruptionOptions {
    Target target = Target::any;
    Aftermath aftermath = Aftermath::reading;
    std::uint64_t seed = 1;
    std::uint64_t first_case = 0;
    std::uint64_t cases = 1000;
    std::uint64_t transactions = 500;  ///< in each image
    /// No new case after that; none: all of them.
    std::optional<std::chrono::steady_clock::time_point> until = std::nullopt;
    std::function<void(std::uint64_t done)> progress = nullptr;
};

struct CorruptionReport {
    using Counts = std::array<std::uint64_t, outcomes>;
    std::uint64_t cases = 0;
    Aftermath aftermath = Aftermath::reading;
    std::map<std::string, Counts> by_file;    ///< by kind of file; of repairs: by target
    std::map<std::string, Counts> by_damage;  ///< by kind of damage
    std::map<std::string, Counts> by_shape;   ///< by shape of the database
    std::uint64_t found = 0;                  ///< by check
    std::uint64_t cautious = 0;               ///< see Account
    std::vector<std::string> violations;      ///< each with what repeats it

    /// A table of outcomes, and "corruption: N cases, F found by check, 0 violations"; of repairs
    /// "repair: N cases, C cautious, 0 violations".
    [[nodiscard]] std::string text() const;
};

/// Damages one file of a sound database in one way, lets the witness check and read it, judges, and
/// starts again. Every file is damaged, in every way. Repairs alternate between the targets.
class CorruptionRun {
  public:
    explicit CorruptionRun(CorruptionOptions options);

    CorruptionReport run();

  private:
    void run_case(std::uint64_t number);
    void count(std::uint64_t number, const std::string& where, const Damage& damage,
               const Judgement& judgement);
    [[nodiscard]] Target target_of(std::uint64_t number) const;
    [[nodiscard]] std::vector<FileDamage> choose_damages(const Image& image, Target target,
                                                         workload::Dice& dice) const;
    [[nodiscard]] static std::string choose_file(const Image& image, Target target,
                                                 workload::Dice& dice);
    [[nodiscard]] static Damage choose_damage(const Image& image, const std::string& file,
                                              Target target, workload::Dice& dice);
    [[nodiscard]] std::string again(std::uint64_t number) const;

    CorruptionOptions options_;
    CorruptionReport report_;
    support::ScratchDirectory folder_{support::Scratch::memory, "corruption"};
    std::vector<Image> images_;
};

}  // namespace amphora::corruption

#pragma once

#include "corruption/damage.hpp"
#include "corruption/file_damage.hpp"
#include "corruption/image.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What may follow from a damage (promise 14):
///
///   - never a value that was never written there;
///   - an error names the damaged piece, or the index and key that do not fit;
///   - in LMDB's pages, and only there, a live read may miss a row or end the process; and where a
///     whole page of an earlier commit has replaced a newer one, it shows that commit's rows,
///     because everything in such a page is valid;
///   - `check` finds everything that is refused, missed or fatal, and never ends the process;
///   - what was never proven to be durable at the end of the journal may be cut off: then both
///     stores show an earlier commit, exactly.
namespace amphora::corruption {

enum class Outcome : std::uint8_t {
    harmless,    ///< everything is right, and check says so
    found_only,  ///< everything is right; check found the damage
    named,       ///< an error where a value was asked for; all others are right
    refused,     ///< the database does not open
    hidden,      ///< a live read missed something
    outdated,    ///< a live read showed what an earlier commit had there
    died,        ///< the live reader
    shortened,   ///< an earlier commit, exactly
    beyond,      ///< beyond repair
};
inline constexpr std::size_t outcomes = 9;
[[nodiscard]] const char* to_string(Outcome outcome) noexcept;

struct Judgement {
    Outcome outcome = Outcome::harmless;
    bool found = false;                    ///< by check
    bool cautious = false;                 ///< a repair that cannot know that nothing is missing
    std::optional<std::string> violation;  ///< of the list above
};

[[nodiscard]] Judgement judge(const Image& image, const std::string& file, const Damage& damage,
                              const Testimony& testimony);

/// What may follow from a repair: a sound database, without anything that was never written there,
/// that accounts for everything (account.hpp); or an error that says why not. In a closed database
/// whose pages are whole no row may be missing.
[[nodiscard]] Judgement judge_repair(const Image& image, const std::vector<FileDamage>& damages,
                                     const Testimony& survey, const Testimony& testimony);

/// The kind of file, for counting: its name without numbers.
[[nodiscard]] std::string kind_of(std::string_view file);

}  // namespace amphora::corruption

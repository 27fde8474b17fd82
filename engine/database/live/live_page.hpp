#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/published_page.hpp"

#include <amphora/statistics.hpp>
#include <amphora/types.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// What the owner of a database, the process that has it open for writing, says in the file LIVE
/// (base/published_page.hpp) to those that look at it.
namespace amphora::live {

inline constexpr const char* page_name = "LIVE";

/// The words of the page.
enum class Word : std::uint8_t {
    /// Grows with each opening for writing, before that opening changes anything.
    generation,
    /// The last visible and the last durable commit. Each is stored before a writer that waits for it
    /// returns.
    visible,
    durable,
};

/// The parts of the page.
enum class Part : std::uint8_t { owner, figures };

/// How long a pin is kept without a sign of those for whom it is.
inline constexpr std::int64_t pin_ms = 10'000;
/// How long the owner looks for a wish. One that is older counts no more, so an observer that was stopped
/// pins nothing for longer than `pin_ms` and this.
inline constexpr std::int64_t wish_ms_max = 2000;

/// Of the relational tree, every state from `from` on can be read until `until_ms`: LMDB reuses no page
/// of them before.
struct Pin {
    std::uint64_t number = 0;   ///< from 1
    std::uint64_t from = 0;     ///< LMDB's transaction number
    std::int64_t until_ms = 0;  ///< of `uptime_ms`, the clock that all processes of a machine share
    auto operator<=>(const Pin&) const = default;
};

enum class OwnerState : std::uint8_t { opening, open, closed };

struct OwnerPart {
    Identity identity;
    std::uint64_t generation = 0;  ///< of the owner that wrote this
    OwnerState state{};
    Epoch epoch{};  ///< of its commits; 0 while it is opening
    std::vector<Pin> pins = {};
};

/// Only LiveOwner (live_owner.hpp) writes it.
[[nodiscard]] Buffer encode(const OwnerPart& part);
/// Throws `corrupt`, `newer_format`.
[[nodiscard]] OwnerPart decode_owner_part(Bytes bytes);

struct FiguresPart {
    std::int64_t taken_ms = 0;  ///< of `uptime_ms`
    Statistics statistics;
};

/// If they have more than `bytes_max`, without the longest lists.
[[nodiscard]] Buffer encode(FiguresPart figures, std::size_t bytes_max);
/// Throws `corrupt`, `newer_format`.
[[nodiscard]] FiguresPart decode_figures(Bytes bytes);

}  // namespace amphora::live

#pragma once

#include "power/recording.hpp"
#include "workload/dice.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace amphora::power {

/// What a power cut does to everything that was not synced.
enum class Loss : std::uint8_t {
    nothing,    ///< all of it had arrived
    all,        ///< none of it
    earlier,    ///< it arrived in order, up to some moment
    later,      ///< of each file only the last changes arrived
    files,      ///< some files arrived as a whole, others not at all
    blocks,     ///< each block is as it was at some moment since the sync
    torn,       ///< as blocks, but some are a mixture by sectors
    names,      ///< contents arrived; of the changes to names any subset did
    last_name,  ///< of all that changed only the last name arrived
    mixed,      ///< another loss for each file, and any subset of the names
};
inline constexpr std::uint8_t losses = 10;
[[nodiscard]] std::string_view to_string(Loss loss);

/// Whether a sector that was being written may hold anything.
enum class TornSector : std::uint8_t { whole, garbage };

/// Changes of one file or of names that no sync has covered, in order.
using Pending = std::vector<const Event*>;

/// One file between its last sync and a power cut: draws what the cut may leave of it.
///
/// A sector is written as a whole or not at all, unless garbage is allowed. The file's size is one
/// that it had since the sync, and nothing that a truncation removed shows after it.
class FileLoss {
  public:
    static constexpr std::size_t block_bytes = 4096;
    static constexpr std::size_t sector_bytes = 512;

    FileLoss(const std::string& kept, const Pending& pending);

    /// Everything that began before a moment and nothing else, in order.
    [[nodiscard]] std::string until(Moment moment) const;
    /// Only blocks that changed late; earlier changes to other blocks were lost.
    [[nodiscard]] std::string later(workload::Dice& dice) const;
    /// Each block from any moment since the sync.
    [[nodiscard]] std::string blocks(workload::Dice& dice) const;
    /// As blocks(), with mixtures of two such moments by sectors.
    [[nodiscard]] std::string torn(workload::Dice& dice, TornSector sectors) const;

    /// Changes `content` as the file was changed.
    static void apply(const Event& change, std::string& content);

  private:
    /// The changes that touch one block, by index into pending.
    using Touches = std::vector<std::size_t>;
    /// How many of a block's changes can have arrived: from `least` to `most`.
    struct Range {
        std::size_t least, most;
    };

    [[nodiscard]] std::string sized(std::size_t changes) const;
    [[nodiscard]] Range possible(const Touches& touches, std::size_t changes) const;
    [[nodiscard]] std::string block(std::size_t number, const Touches& touches,
                                    std::size_t arrived) const;
    [[nodiscard]] std::string any_block(std::size_t number, const Touches& touches,
                                        std::size_t changes, workload::Dice& dice) const;
    [[nodiscard]] std::size_t any_size(workload::Dice& dice) const;
    [[nodiscard]] bool cuts(std::size_t change) const;

    const std::string& kept_;
    const Pending& pending_;
    std::vector<std::uint64_t> sizes_;  ///< after so many changes
    std::map<std::size_t, Touches> touched_;
};

}  // namespace amphora::power

#include "workload/small_options.hpp"

#include <array>

namespace amphora::workload {

Options small_options(Dice& dice) {
    constexpr std::uint64_t kib = 1024;
    constexpr std::array<std::uint32_t, 5> seal_ages_ms{1, 5, 50, 1'000, 30'000};
    constexpr std::array<std::uint32_t, 3> sync_intervals_ms{1, 20, 200};

    Options options;
    options.profile = dice.once_in(3) ? Profile::edge : Profile::desktop;
    options.segment_bytes = (256 * kib) << dice.below(3);
    options.commit_bytes_max = 192 * kib;
    options.journal_bytes_max = options.segment_bytes * dice.between(4, 12);
    options.pending_bytes_max = (1024 * kib) << dice.below(3);
    options.seal_bytes = (8 * kib) << dice.below(6);
    options.seal_age_ms = seal_ages_ms[dice.below(seal_ages_ms.size())];
    options.sync_interval_ms = sync_intervals_ms[dice.below(sync_intervals_ms.size())];
    options.memory_bytes = (512 * kib) << dice.below(4);
    options.reserve_bytes = 1024 * kib;
    return options;
}

}  // namespace amphora::workload

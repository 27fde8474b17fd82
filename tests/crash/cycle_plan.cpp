#include "crash/cycle_plan.hpp"

#include "crash/copy_place.hpp"
#include "workload/small_options.hpp"

#include <fmt/format.h>

namespace amphora::crash {

CyclePlan plan_of(std::uint64_t seed, std::uint64_t cycle) {
    workload::Dice dice{seed, cycle, 1};
    CyclePlan plan;
    plan.options = workload::small_options(dice);
    plan.threads = static_cast<std::uint32_t>(dice.between(1, threads_max));
    switch (dice.below(5)) {
        case 0:
        case 1:
            plan.durabilities = {Durability::synced};
            break;
        case 2:
            plan.durabilities = {Durability::written};
            break;
        case 3:
            plan.durabilities = {Durability::synced, Durability::written};
            break;
        default:
            plan.durabilities = {Durability::buffered, Durability::buffered, Durability::written,
                                 Durability::synced};
    }
    plan.reads = dice.once_in(2);
    plan.compacts = dice.once_in(4);
    plan.copies = dice.once_in(3);
    plan.skips = workload::Dice{seed, cycle, 8}.once_in(2);
    if (plan.skips) {
        plan.options.segment_bytes = 256u << 10;
        plan.options.feed_bytes_max = 4 * plan.options.segment_bytes;
    }
    plan.names_archive = workload::Dice{seed, cycle, 6}.once_in(2);
    return plan;
}

Options options_of(const CyclePlan& plan, const std::string& database,
                   std::uint64_t workload_seed) {
    Options options = plan.options;
    if (workload::Dice{workload_seed, 5}.once_in(2)) {
        options.archive_directory = place_of_archive(database);
    }
    return options;
}

std::string to_string(const CyclePlan& plan) {
    std::string durabilities;
    for (const Durability durability : plan.durabilities) {
        durabilities += durability == Durability::synced    ? " synced"
                        : durability == Durability::written ? " written"
                                                            : " buffered";
    }
    return fmt::format(
        "{} threads,{},{} segments of {} KiB, sealed at {} KiB or {} ms, memory {} "
        "KiB{}{}{}{}",
        plan.threads, durabilities, plan.options.profile == Profile::edge ? " edge," : "",
        plan.options.segment_bytes / 1024, plan.options.seal_bytes / 1024, plan.options.seal_age_ms,
        plan.options.memory_bytes / 1024, plan.reads ? ", readers" : "",
        plan.compacts ? ", compactions" : "", plan.copies ? ", backups" : "",
        plan.skips ? ", skips" : "");
}

}  // namespace amphora::crash

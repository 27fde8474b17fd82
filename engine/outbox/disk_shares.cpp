#include "outbox/disk_shares.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace amphora::outbox {
namespace {

constexpr double mebibyte = 1u << 20;

double in_mib(std::uint64_t bytes) {
    return static_cast<double>(bytes) / mebibyte;
}

constexpr std::uint64_t less(std::uint64_t a, std::uint64_t b) noexcept {
    return a > b ? a - b : 0;
}

/// One of the purposes for which the disk needs room.
struct Share {
    std::uint64_t bytes;
    const char* what;
    const char* option;  ///< the option that decides how much; empty: none does
};

std::string describe_map(const tree::Tree::DiskNeed& need) {
    return fmt::format(
        "{:.1f} MiB of its map are free, and {:.1f} MiB are needed; open the database with a "
        "larger map_bytes, or remove something",
        in_mib(need.map_free_bytes), in_mib(need.map_bytes));
}

std::string describe_shares(std::vector<Share> shares, std::uint64_t free_bytes) {
    std::uint64_t needed = 0;
    for (const Share& share : shares) needed += share.bytes;
    std::sort(shares.begin(), shares.end(),
              [](const Share& a, const Share& b) { return a.bytes > b.bytes; });
    std::string parts;
    for (const Share& share : shares) {
        if (share.bytes < (64u << 10)) continue;
        parts += fmt::format("{}{:.1f} MiB {}", parts.empty() ? "" : ", ", in_mib(share.bytes),
                             share.what);
        if (*share.option != '\0') parts += fmt::format(" ({})", share.option);
    }
    const char* const decides = shares.front().option;
    return fmt::format(
        "{:.1f} MiB of the disk are free, and {:.1f} MiB are needed: {}; make room on the disk{}, "
        "then try again",
        in_mib(free_bytes), in_mib(needed), parts,
        *decides == '\0'
            ? std::string{" or remove something"}
            : fmt::format(", remove something, or open the database with a smaller {}", decides));
}

}  // namespace

DiskShares::DiskShares(const OutboxOptions& options, journal::Journal& journal,
                       const Pending& pending, std::array<tree::Tree*, trees_count> trees)
    : options_{options}, journal_{journal}, pending_{pending}, trees_{trees} {}

tree::Tree::Load DiskShares::pending(TreeId tree) const noexcept {
    return {.bytes = pending_.used_bytes(tree), .keys = pending_.entries(tree)};
}

std::uint64_t DiskShares::next_segment_bytes() const {
    return journal_.statistics().segments_spare != 0 ? 0 : options_.next_segment_bytes;
}

tree::Tree::Room DiskShares::room_for(TreeId tree, tree::Tree::Load load) const {
    std::uint64_t others = next_segment_bytes();
    for (const TreeId each : trees_all) {
        if (each != tree) others += need(each, pending(each)).of_puts();
    }
    return trees_[index_of(tree)]->room_for(load, others);
}

bool DiskShares::has_room_once_held(TreeId tree, tree::Tree::Load load) const {
    const auto once_held = [](const tree::Tree::DiskNeed& need) {
        return less(need.of_puts(), need.hold_bytes);
    };
    std::uint64_t others = next_segment_bytes();
    for (const TreeId each : trees_all) {
        if (each != tree) others += once_held(need(each, {}));
    }
    const tree::Tree::DiskNeed own = need(tree, load);
    if (own.hold_bytes != 0) return own.free_bytes >= once_held(own) + others;
    return trees_[index_of(tree)]->room_for(load, others) == tree::Tree::Room::enough;
}

bool DiskShares::is_map_full(TreeId tree, tree::Tree::Load load) const {
    const tree::Tree::DiskNeed own = need(tree, load);
    return own.map_bytes > own.map_free_bytes;
}

void DiskShares::leave_free_for_puts(TreeId tree, tree::Tree::Load load) const {
    std::uint64_t promised = 0;
    for (const TreeId each : trees_all) {
        promised += need(each, each == tree ? load : pending(each)).of_puts();
    }
    journal_.leave_free(promised);
}

void DiskShares::leave_free_for_removals() const {
    std::uint64_t promised = 0;
    // The reserves are not counted: the trees use what the reserves give up.
    for (const TreeId tree : trees_all) promised += need(tree, pending(tree)).bytes;
    journal_.leave_free(promised);
}

std::string DiskShares::describe(TreeId tree, tree::Tree::Load load) const {
    const tree::Tree::DiskNeed own = need(tree, load);
    if (is_map_full(tree, load)) return describe_map(own);
    std::vector<Share> shares{
        {next_segment_bytes(), "for the journal's next segment", "segment_bytes"}};
    std::uint64_t reserves = 0;
    for (const TreeId each : trees_all) {
        const tree::Tree::DiskNeed one = each == tree ? own : need(each, pending(each));
        const bool is_documents = each == TreeId::documents;
        shares.push_back(
            {one.bytes, is_documents ? "to deliver documents" : "to deliver rows", ""});
        shares.push_back({one.compaction_bytes, "to compact the documents", "memory_bytes"});
        reserves += one.reserve_bytes;
    }
    shares.push_back({reserves, "as a reserve for removals", "reserve_bytes"});
    return describe_shares(std::move(shares), own.free_bytes);
}

}  // namespace amphora::outbox

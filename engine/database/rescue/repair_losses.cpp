#include "database/rescue/repair_losses.hpp"

#include "codec/key/ordered_key.hpp"
#include "tree/lmdb/space_digest.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>

namespace amphora {

namespace {

constexpr std::size_t gaps_told_max = 100;

using Names = std::map<SpaceId, std::string>;

/// The names of the spaces of one store, except indexes.
Names names_in(TreeId store, const RebuiltDefinitions& definitions,
               const stores::BoundSchema& schema) {
    Names names;
    for (const auto& [space, what] : definitions.undefined) {
        if (what.is_index) continue;
        names[space] = fmt::format("space {}{}", number(space),
                                   what.name.empty() ? "" : fmt::format(" ({})", what.name));
    }
    if (store == TreeId::relational) {
        for (const auto& table : schema.tables().all()) {
            names[table->definition().space] = fmt::format("table {}", table->name());
        }
    } else {
        for (const auto& collection : schema.collections().all()) {
            names[collection->space()] = fmt::format("collection {}", collection->name());
        }
    }
    return names;
}

/// The result of comparing a space's digest with what was found, in words.
std::optional<std::string> told(const SalvagedTrees::Difference& difference) {
    if (!difference.is_known) {
        return "how many rows there were cannot be read; rows may be missing";
    }
    const std::uint64_t found = difference.found + difference.unsound;
    if (difference.had > found) {
        return fmt::format("{} of {} rows are missing", difference.had - found, difference.had);
    }
    // A damaged key may belong to another space.
    if (difference.had >= difference.found && difference.unsound != 0) return std::nullopt;
    if (difference.had == found) {
        return fmt::format("some of the {} rows are as an earlier commit left them", found);
    }
    return fmt::format("{} rows more than there were: rows that were removed may be among them",
                       difference.found - difference.had);
}

void add_rows(const SalvagedTrees& salvaged, const Names& names, std::vector<std::string>& losses) {
    for (const auto& [space, difference] : salvaged.differences) {
        const auto name = names.find(space);
        if (name == names.end()) continue;
        const auto what = told(difference);
        if (!what) continue;
        losses.push_back(fmt::format(
            "{}: as of commit {}, {}{}", name->second, number(salvaged.relational), *what,
            difference.changed_later ? "; commits after it may have written them again" : ""));
    }
    if (salvaged.pages_unexplained != 0) {
        losses.push_back(
            fmt::format("relational store: {} pages cannot be read, nor how many rows there were; "
                        "rows of any table may be missing",
                        salvaged.pages_unexplained));
    }
}

/// One line for each collection that the gap overlaps.
void add_gap(const rocks::Gap& gap, const Names& names, std::vector<std::string>& losses) {
    const SpaceId first{lmdb::space_of(gap.after)};
    const SpaceId last{lmdb::space_of(gap.before)};
    for (auto name = names.lower_bound(first); name != names.end() && name->first <= last; ++name) {
        const std::string from =
            name->first == first ? codec::describe_key(gap.after) : "its beginning";
        const std::string to = name->first == last ? codec::describe_key(gap.before) : "its end";
        losses.push_back(
            fmt::format("{}: documents between {} and {} may be missing: documents/{}, block at "
                        "offset {}: {}",
                        name->second, from, to, gap.file, gap.offset, gap.why));
    }
}

}  // namespace

std::vector<std::string> losses_of(const SalvagedTrees& salvaged,
                                   const RebuiltDefinitions& definitions,
                                   const stores::BoundSchema& schema) {
    std::vector<std::string> losses = salvaged.losses;
    losses.insert(losses.end(), definitions.losses.begin(), definitions.losses.end());
    add_rows(salvaged, names_in(TreeId::relational, definitions, schema), losses);
    std::vector<std::string> in_gaps;
    const Names collections = names_in(TreeId::documents, definitions, schema);
    for (const rocks::Gap& gap : salvaged.gaps) add_gap(gap, collections, in_gaps);
    const std::size_t told = std::min(in_gaps.size(), gaps_told_max);
    losses.insert(losses.end(), in_gaps.begin(),
                  in_gaps.begin() + static_cast<std::ptrdiff_t>(told));
    if (told < in_gaps.size()) {
        losses.push_back(fmt::format("and documents in {} more gaps", in_gaps.size() - told));
    }
    return losses;
}

}  // namespace amphora

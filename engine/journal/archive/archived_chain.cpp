#include "journal/archive/archived_chain.hpp"

#include "base/name_list.hpp"
#include "base/system_error.hpp"
#include "journal/archive/part_walk.hpp"
#include "journal/archive/segment_catalog.hpp"

#include <amphora/error.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace amphora::journal {
namespace {

constexpr Sequence no_end{std::numeric_limits<std::uint64_t>::max()};

/// The copies of one timeline.
struct Copies {
    Identity identity;
    std::vector<SegmentCopy> copies;
    std::vector<Ancestor> ancestors;
};

/// From the first copy whose catalog can be read. Only a repair forgets ancestors, never adds one.
/// Of a timeline without any such copy nothing is known.
std::vector<Ancestor> find_ancestors(FileSystem& files, const std::vector<SegmentCopy>& copies) {
    for (const SegmentCopy& copy : copies) {
        try {
            return read_segment_catalog(files, copy).ancestors;
        } catch (const Error& error) {
            if (is_of_the_system(error.code())) throw;
        }
    }
    return {};
}

std::vector<Copies> find_timelines(FileSystem& files, const std::string& directory) {
    std::map<Identity, Copies> by_identity;
    for (SegmentCopy& copy : find_copies(files, {&directory, 1}, std::nullopt)) {
        Copies& copies = by_identity[copy.header.identity];
        copies.identity = copy.header.identity;
        copies.copies.push_back(std::move(copy));
    }
    std::vector<Copies> timelines;
    for (auto& [identity, copies] : by_identity) {
        copies.ancestors = find_ancestors(files, copies.copies);
        timelines.push_back(std::move(copies));
    }
    return timelines;
}

bool is_continued(const std::vector<Copies>& all, const Copies& timeline) {
    return std::ranges::any_of(all, [&](const Copies& other) {
        return other.identity.database == timeline.identity.database &&
               std::ranges::find(other.ancestors, timeline.identity.timeline,
                                 &Ancestor::timeline) != other.ancestors.end();
    });
}

std::string names_of(const std::vector<const Copies*>& timelines) {
    NameList names;
    for (const Copies* const timeline : timelines) {
        names.add(to_string(timeline->identity.timeline));
    }
    return names.text();
}

const Copies& choose(const std::vector<Copies>& all, const std::string& directory,
                     std::string_view wanted) {
    std::vector<const Copies*> chosen;
    for (const Copies& one : all) {
        const bool is_chosen =
            wanted.empty() ? !is_continued(all, one) : to_string(one.identity.timeline) == wanted;
        if (is_chosen) chosen.push_back(&one);
    }
    if (chosen.size() == 1) return *chosen.front();
    if (chosen.empty()) {
        for (const Copies& one : all) chosen.push_back(&one);
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("{} holds nothing of timeline {}; it has {}", directory, wanted,
                                names_of(chosen))};
    }
    throw Error{ErrorCode::invalid_argument,
                fmt::format("{} holds several timelines that end on their own: {}; name one of "
                            "them",
                            directory, names_of(chosen))};
}

/// Adds the copies of one timeline with commits up to `until`, before those that are there.
void add_before(ArchivedChain& chain, const std::vector<SegmentCopy>& copies, Sequence until) {
    if (!chain.parts.empty()) {
        until = std::min(until, chain.parts.front().copy.header.prior.sequence);
    }
    std::vector<ArchivedChain::Part> added;
    for (std::size_t i = 0; i < copies.size(); ++i) {
        if (copies[i].header.prior.sequence >= until) break;
        const SegmentCopy* const after = i + 1 < copies.size() ? &copies[i + 1] : nullptr;
        added.push_back(
            {.copy = copies[i], .extent = copied_extent(copies[i], after), .until = until});
    }
    chain.parts.insert(chain.parts.begin(), std::make_move_iterator(added.begin()),
                       std::make_move_iterator(added.end()));
}

Sequence find_last(FileSystem& files, const ArchivedChain::Part& part) {
    try {
        PartWalk walk{files, part};
        while (walk.next()) {
        }
        return walk.end().sequence;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::corrupt) throw;
        return no_end;
    }
}

}  // namespace

std::optional<std::size_t> ArchivedChain::part_after(Sequence after) const noexcept {
    const auto found = std::ranges::upper_bound(
        parts, after, {}, [](const Part& part) { return part.copy.header.prior.sequence; });
    if (found == parts.begin()) return std::nullopt;
    return static_cast<std::size_t>(found - parts.begin()) - 1;
}

std::string ArchivedChain::position_text(Sequence sequence) const {
    return fmt::format("{}:{}", to_string(lineage.of(sequence)), number(sequence));
}

ArchivedChain find_archived_chain(FileSystem& files, const std::string& directory,
                                  std::string_view timeline) {
    if (!files.exists(directory)) {
        throw Error{ErrorCode::not_a_database,
                    fmt::format("{} is not an archive: there is no such directory", directory)};
    }
    const std::vector<Copies> all = find_timelines(files, directory);
    if (all.empty()) {
        throw Error{ErrorCode::not_a_database,
                    fmt::format("{} is not an archive: it holds no segment of a journal; name the "
                                "directory that Options::archive_directory names",
                                directory)};
    }
    const Copies& chosen = choose(all, directory, timeline);
    ArchivedChain chain{.directory = directory,
                        .lineage = {chosen.identity.timeline, chosen.ancestors},
                        .identity = chosen.identity,
                        .parts = {},
                        .last = {}};
    add_before(chain, chosen.copies, no_end);
    const auto& ancestors = chain.lineage.ancestors;
    for (auto ancestor = ancestors.rbegin(); ancestor != ancestors.rend(); ++ancestor) {
        // A repaired database does not come from the commits of the one that was damaged.
        if (ancestor->end == Ancestor::End::repaired) break;
        const auto of_ancestor = std::ranges::find_if(all, [&](const Copies& one) {
            return one.identity == Identity{chosen.identity.database, ancestor->timeline};
        });
        if (of_ancestor != all.end()) add_before(chain, of_ancestor->copies, ancestor->last);
    }
    chain.last = find_last(files, chain.parts.back());
    return chain;
}

}  // namespace amphora::journal

#include "journal/mark_comparison.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::journal {
namespace {

/// Marks come in the order of the trees.
std::string tree_of(std::span<const Mark> marks, std::size_t place) {
    if (marks.size() != trees_count) return "a tree";
    return fmt::format("the {} tree", to_string(trees_all[place]));
}

}  // namespace

void require_not_behind(const FoundChain& found, std::span<const Mark> marks) {
    const FoundSegment& oldest = found.segments.front();
    const Sequence prior = oldest.header.prior.sequence;
    for (std::size_t i = 0; i < marks.size(); ++i) {
        const Mark& mark = marks[i];
        if (mark.sequence >= prior) continue;
        if (!found.damaged.empty())
            throw Error{
                ErrorCode::corrupt,
                fmt::format("{}, offset 0: the header does not verify, and commits {} to {} "
                            "are missing; restore the file from a backup",
                            place_of(found.damaged.front()), number(mark.sequence) + 1,
                            number(prior))};
        throw Error{
            ErrorCode::foreign_piece,
            fmt::format("{}: the journal begins with commit {}, but {} ends with commit {}: "
                        "the tree is older than the journal, or segments are missing; put back "
                        "all parts from one backup",
                        place_of(oldest.path), number(prior) + 1, tree_of(marks, i),
                        number(mark.sequence))};
    }
}

void require_fit(Survey& survey, std::span<const Mark> marks) {
    for (std::size_t i = 0; i < marks.size(); ++i) {
        const Mark& mark = marks[i];
        if (mark.sequence < survey.index.prior().sequence) continue;
        const auto held = survey.index.find(mark.sequence);
        if (!held)
            throw Error{
                ErrorCode::foreign_piece,
                fmt::format("{}: the journal ends with commit {}, but {} ends with commit {}: "
                            "the journal is older than the tree; put back all parts from one "
                            "backup",
                            place_of(survey.newest), number(survey.index.last().sequence),
                            tree_of(marks, i), number(mark.sequence))};
        if (mark.sequence == Sequence{}) continue;
        if (held->epoch == mark.epoch && held->chain == mark.chain) continue;
        survey.chain.clear();
        survey.unproven.clear();
        throw Error{
            ErrorCode::foreign_piece,
            fmt::format("{}: commit {} of the journal (epoch {}) is not the one that {} "
                        "ends with (epoch {}): they come from two copies of the database, or "
                        "two moments; put back all parts from one backup",
                        place_of(survey.newest), number(mark.sequence), number(held->epoch),
                        tree_of(marks, i), number(mark.epoch))};
    }
}

}  // namespace amphora::journal

#pragma once

#include "base/ids.hpp"
#include "journal/segment_survey.hpp"
#include "journal/survey.hpp"

#include <span>

/// Compares the journal with the trees' marks: are they parts of one database, from one moment?
namespace amphora::journal {

/// Throws `foreign_piece` if a tree lacks more than the chain holds, `corrupt` if the reason is a
/// damaged header.
void require_not_behind(const FoundChain& found, std::span<const Mark> marks);

/// Throws `foreign_piece` if a tree has a later commit than the journal, or another history. In the
/// second case it also empties the survey, because in a rescue nothing of such a journal may be
/// read over the trees. Marks before the journal's beginning are not compared.
void require_fit(Survey& survey, std::span<const Mark> marks);

}  // namespace amphora::journal

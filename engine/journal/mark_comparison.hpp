#pragma once

#include "base/ids.hpp"
#include "journal/segment_survey.hpp"
#include "journal/survey.hpp"

#include <span>

/// The journal and the trees' marks: are they pieces of one database, and of one moment?
namespace amphora::journal {

/// Throws `foreign_piece` if a tree lacks more than the chain holds, `corrupt` if that is because
/// of a damaged header.
void require_not_behind(const FoundChain& found, std::span<const Mark> marks);

/// Throws `foreign_piece` if a tree is further than the journal, or has come there by another
/// history; of such a journal nothing may be put on top of the trees, so it is emptied. Marks
/// before the journal's beginning are not looked at.
void require_fit(Survey& survey, std::span<const Mark> marks);

}  // namespace amphora::journal

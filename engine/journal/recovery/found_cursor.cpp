#include "journal/recovery/found_cursor.hpp"

#include "base/assert.hpp"

#include <algorithm>

namespace amphora::journal {
namespace {

Sequence last_in(const Survey& survey) {
    if (!survey.unproven.empty()) return survey.unproven.back().header.last();
    return survey.chain.empty() ? Sequence{} : survey.chain.back().last.sequence;
}

}  // namespace

FoundCursor::FoundCursor(FileSystem& files, const Survey& survey, Sequence last)
    : files_{files},
      survey_{survey},
      last_{last},
      last_readable_{std::min(last, last_in(survey))},
      position_{survey.index.prior().sequence} {}

std::optional<Entry> FoundCursor::next() {
    while (position_ < last_readable_) {
        if (const auto entry = entries_.next()) {
            position_ = entry->sequence;
            return entry;
        }
        read_on();
    }
    return std::nullopt;
}

/// One step: the next frame, or to the next segment.
void FoundCursor::read_on() {
    if (segment_ == survey_.chain.size()) {
        AMPHORA_ASSERT(unproven_ < survey_.unproven.size());
        const UnprovenFrame& frame = survey_.unproven[unproven_];
        entries_.begin(survey_.newest, frame.header, frame.bytes, position_);
        ++unproven_;
        return;
    }
    if (!walk_) walk_.emplace(files_, survey_.chain[segment_]);
    if (const auto frame = walk_->next()) {
        entries_.begin(walk_->segment().path, frame->header, frame->bytes, position_);
        return;
    }
    walk_.reset();
    ++segment_;
}

JournalCursor::Seek FoundCursor::seek(Sequence after) {
    if (after < survey_.index.prior().sequence) return Seek::recycled;
    if (after > last_) return Seek::not_durable;
    entries_.clear();
    walk_.reset();
    segment_ = unproven_ = 0;
    const auto& chain = survey_.chain;
    while (segment_ + 1 < chain.size() && chain[segment_ + 1].header.prior.sequence <= after) {
        ++segment_;
    }
    position_ = after;
    return Seek::found;
}

JournalCursor::More FoundCursor::await(Deadline) {
    return position_ < last_readable_ ? More::now : More::never;
}

}  // namespace amphora::journal

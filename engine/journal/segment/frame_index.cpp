#include "journal/segment/frame_index.hpp"

#include <algorithm>

namespace amphora::journal {

std::optional<Mark> FrameIndex::find(Sequence sequence) const {
    if (sequence == prior_.sequence) return prior_;
    if (sequence < prior_.sequence) return std::nullopt;
    const auto holder =
        std::lower_bound(ends_.begin(), ends_.end(), sequence,
                         [](const Mark& end, Sequence wanted) { return end.sequence < wanted; });
    if (holder == ends_.end()) return std::nullopt;
    return Mark{.epoch = holder->epoch, .sequence = sequence, .chain = holder->chain};
}

}  // namespace amphora::journal

#include "journal/archive/last_commit_by.hpp"

#include "journal/segment/segment_reader.hpp"

namespace amphora::journal {
namespace {

class Search {
  public:
    Search(FileSystem& files, const SegmentHeader& first, std::int64_t time_us)
        : files_{files}, time_us_{time_us} {
        if (first.prior_time_us <= time_us) found_ = first.prior.sequence;
    }

    /// `after` is the next copy; null if there is none. False: the search ends with `found()`.
    [[nodiscard]] bool pass(const SegmentCopy& copy, const SegmentCopy* after) {
        if (later_ && copy.header.epoch == later_epoch_) {
            return true;  // and so are all commits in it
        }
        if (after != nullptr && after->header.prior_time_us <= time_us_) {
            found_ = after->header.prior.sequence;
            later_ = false;
            return true;
        }
        const bool is_readable = scan(copy, copied_extent(copy, after));
        const bool is_gap = after != nullptr && after->header.prior.sequence > found_;
        if (later_ || (is_readable && !is_gap)) return true;
        found_ = next(found_);
        later_ = true;
        return false;
    }

    [[nodiscard]] std::optional<Sequence> found() const {
        return later_ ? std::optional(found_) : std::nullopt;
    }

  private:
    /// False: a frame does not verify.
    bool scan(const SegmentCopy& copy, std::uint64_t extent) {
        const auto file = files_.open(copy.path, OpenFile::existing_read_only);
        SegmentReader scan{*file, copy.header};
        while (scan.position() < extent) {
            const auto frame = scan.next();
            if (!frame) return false;
            const FrameHeader& header = frame->header;
            if (!has_commits(header)) continue;
            later_ = header.time_us > time_us_;
            if (!later_) {
                found_ = header.last();
                continue;
            }
            later_epoch_ = header.epoch;
            if (header.epoch == copy.header.epoch) break;  // the rest is of that epoch, too
        }
        return true;
    }

    FileSystem& files_;
    const std::int64_t time_us_;
    Sequence found_{};
    bool later_ = false;  ///< the last commit that was read was made after the moment
    Epoch later_epoch_{};
};

}  // namespace

std::optional<Sequence> last_commit_by(FileSystem& files, std::span<const SegmentCopy> copies,
                                       std::int64_t time_us) {
    Search search{files, copies.front().header, time_us};
    for (std::size_t i = 0; i < copies.size(); ++i) {
        if (!search.pass(copies[i], i + 1 < copies.size() ? &copies[i + 1] : nullptr)) break;
    }
    return search.found();
}

}  // namespace amphora::journal

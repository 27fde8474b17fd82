// What: making a frame of commit records of 400 bytes with its checksum, and walking a segment of
// such frames from a file.
// Why: the frame is everything that a commit costs the journal in addition to the write and the
// sync, and an opening after a crash waits for the walk.

#include "base/file.hpp"
#include "journal/segment/active_segment.hpp"
#include "journal/segment/segment_reader.hpp"
#include "micro/cost.hpp"
#include "versus/place.hpp"

#include <memory>
#include <string>

namespace amphora::micro {
namespace {

constexpr std::size_t record_bytes = 400;

journal::FrameHeader fill_frame(journal::FrameBuilder& builder, std::uint64_t first,
                                std::uint32_t commits, Bytes record) {
    builder.begin();
    for (std::uint32_t i = 0; i < commits; ++i) builder.add(record);
    journal::FrameHeader header;
    header.first = Sequence{first};
    header.commits = commits;
    return header;
}

void frame_build(benchmark::State& state) {
    const auto commits = static_cast<std::uint32_t>(state.range(0));
    const std::string record(record_bytes, 'r');
    journal::FrameBuilder builder;
    std::uint64_t chain = 1;
    for (auto _ : state) {
        journal::FrameHeader header = fill_frame(builder, 1, commits, record);
        header.previous = chain;
        benchmark::DoNotOptimize(builder.finish(header, journal::header_bytes).data());
        chain = header.checksum;
    }
    report_each(state, commits);
}
BENCHMARK(frame_build)->ArgName("commits")->Arg(1)->Arg(10)->Arg(100);

/// A segment file of frames that hold one commit each.
class FilledSegment {
  public:
    explicit FilledSegment(std::uint64_t frames) {
        const std::string path = place_ / "segment.log";
        auto file = operating_system_files().open(path, OpenFile::create_new);
        file->truncate(journal::header_bytes + frames * journal::frame_blocks_of(record_bytes) +
                       2 * journal::block_bytes);
        journal::ActiveSegment segment{std::move(file), header_};
        segment.write_header();
        const std::string record(record_bytes, 'r');
        journal::FrameBuilder builder;
        for (std::uint64_t frame = 1; frame <= frames; ++frame) {
            journal::FrameHeader header = fill_frame(builder, frame, 1, record);
            segment.write(builder, header);
        }
        file_ = operating_system_files().open(path, OpenFile::existing_read_only);
    }
    [[nodiscard]] std::uint64_t walk() const {
        journal::SegmentReader scan{*file_, header_};
        std::uint64_t frames = 0;
        while (scan.next()) ++frames;
        return frames;
    }

  private:
    const versus::Place place_;
    const journal::SegmentHeader header_ = [] {
        journal::SegmentHeader header;
        header.number = 1;
        header.salt = 0x5a17;
        return header;
    }();
    std::unique_ptr<File> file_;
};

void segment_walk(benchmark::State& state) {
    const auto frames = static_cast<std::uint64_t>(state.range(0));
    const FilledSegment segment{frames};
    for (auto _ : state) {
        if (segment.walk() != frames) state.SkipWithError("frames are missing");
    }
    report_each(state, frames);
}
BENCHMARK(segment_walk)->ArgName("frames")->Arg(1'000)->Arg(10'000);

}  // namespace
}  // namespace amphora::micro

// The recorder itself, in a program that does everything that it knows and some things that it does
// not.

#include "power/disk.hpp"
#include "power/record.hpp"
#include "power/recorded_victim.hpp"
#include "support/read_file.hpp"
#include "support/scratch_directory.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace amphora::power {
namespace {

using testing::HasSubstr;

/// A program run with the recorder below it, and what it left.
struct Recorded {
    explicit Recorded(const std::string& offence = {}) {
        const std::string watched = folder.path() + "/watched";
        const std::string log = folder.path() + "/log";
        std::filesystem::create_directory(watched);
        const std::string command = fmt::format(
            "LD_PRELOAD={} {}={} {}={} {} {} {}", AMPHORA_POWER_PRELOAD, watched_variable, watched,
            log_variable, log, AMPHORA_POWER_EVERY_CALL, watched, offence);
        EXPECT_EQ(std::system(command.c_str()), 0) << command;  // NOLINT: a test's own command
        left = Image::read(watched);
        recording = Recording::read(support::read_file(log), watched, {});
    }
    [[nodiscard]] std::string why_unfaithful() const {
        return unfaithful(recording, left).value_or("");
    }

    support::ScratchDirectory folder;
    Image left;
    Recording recording;
};

/// For everything that a program does, the log replayed to its end is what the program left, and
/// what was not synced is not there after a power cut.
TEST(RecorderTest, FollowsEveryCall) {
    const Recorded run;
    EXPECT_EQ(run.why_unfaithful(), "");
    EXPECT_EQ(run.left.files.at("contents")->size(), 20'506u);
    EXPECT_EQ(*run.left.files.at("kept/a"), "b");
    EXPECT_EQ(*run.left.files.at("f"), "e");
    EXPECT_EQ(run.left.files.size(), 4u);

    Disk disk{run.recording};
    disk.advance(run.recording.end);
    workload::Dice dice{1};
    EXPECT_THAT(disk.lose(Loss::all, dice).files, testing::IsEmpty()) << "no name was synced";
}

TEST(RecorderTest, ReportsWhatItCannotFollow) {
    EXPECT_THAT(Recorded{"map"}.why_unfaithful(), HasSubstr("f is written through memory"));
    EXPECT_THAT(Recorded{"stream"}.why_unfaithful(), HasSubstr("a stream writes"));
    EXPECT_THAT(Recorded{"copy"}.why_unfaithful(), HasSubstr("copy_file_range"));
}

}  // namespace
}  // namespace amphora::power

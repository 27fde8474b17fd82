#pragma once

#include "crash/judge.hpp"
#include "crash/promises.hpp"
#include "power/cut_plan.hpp"
#include "power/disk.hpp"
#include "power/recorded_victim.hpp"
#include "support/scratch_directory.hpp"
#include "workload/dice.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace amphora::power {

struct PowerOptions {
    std::uint64_t seed = 1;
    /// Rounded down to where a database begins.
    std::uint64_t first_image = 0;
    std::uint64_t images = 1'000;
    /// No new recording after that, once two have been used; none: all images.
    std::optional<std::chrono::steady_clock::time_point> until = std::nullopt;
    /// Called after each image with how many are done.
    std::function<void(std::uint64_t done)> progress = nullptr;
};

struct PowerReport {
    std::uint64_t images = 0;
    std::uint64_t recordings = 0;
    std::uint64_t promised = 0;  ///< transactions that an image had to hold, over all images
    std::uint64_t replayed = 0;  ///< commits that recovery brought back, likewise
    /// Transactions that are missing, and contents that are not the fold of those that are there.
    std::uint64_t lost = 0;
    std::uint64_t duplicated = 0;
    std::uint64_t refused = 0;    ///< images that did not open, or would not work on
    std::uint64_t only_read = 0;  ///< images that were opened for reading first
    std::uint64_t copies = 0;     ///< backups that were whole, restored and judged, over all images
    std::uint64_t archives = 0;   ///< compared with what the journal has recycled
    std::map<std::string, std::uint64_t> restores;  ///< judged, by crash::RestoreWish::kind
    /// By what the victim was doing and what the power cut did.
    std::map<std::string, std::map<Loss, std::uint64_t>> coverage;
    std::vector<std::string> failures;

    /// "power: N images, 0 lost, 0 duplicated, 0 refused"
    [[nodiscard]] std::string closing_line() const;
    /// One line for each kind of moment, one column for each kind of loss.
    [[nodiscard]] std::string coverage_table() const;
};

/// Records victims at work and cuts the power at many moments of each recording, over and over. A
/// later victim continues from one of those disks, so that recovery is cut, too. Each disk is
/// opened and judged by the promises that were heard before the cut: nothing that was `synced` is
/// missing, nor anything committed before it; nothing is stored twice; both stores and all indexes
/// agree; and the database works. Some disks are first opened for reading: that shows the same
/// commits and changes nothing. Backups that a victim made next to it must keep their promises, too
/// (crash::CopyTrial). Ends at the first failure and keeps the recording.
class PowerRun {
  public:
    static constexpr std::uint64_t images_per_recording = 25;
    static constexpr std::uint64_t recordings_per_database = 4;
    static constexpr std::uint64_t images_per_database =
        images_per_recording * recordings_per_database;

    explicit PowerRun(PowerOptions options);

    PowerReport run();

  private:
    void begin_database(std::uint64_t number);
    void use_recording(std::uint64_t number);
    void try_image(std::uint64_t cycle, const Image& image, crash::Promises promises);
    [[nodiscard]] std::optional<Sequence> only_read(const Image& image, Options options);
    void judge(std::uint64_t cycle, const Image& image, crash::Promises& promises);
    void judge_copies(const std::string& database, const Options& options,
                      crash::Promises& promises);
    [[nodiscard]] static const char* doing_at(Moment moment, const Phases& phases, bool is_first,
                                              const crash::Promises& promises);
    void work_on(Database& database, std::uint64_t cycle, crash::Promises& promises);
    [[nodiscard]] std::size_t resumes_at(const std::vector<PlannedCut>& cuts, const Phases& phases);
    [[nodiscard]] bool enough() const;
    void fail(const std::string& what);
    void keep_recording(std::uint64_t number);

    PowerOptions options_;
    PowerReport report_;
    workload::Dice dice_;
    support::ScratchDirectory folder_{support::Scratch::memory, "power"};
    std::uint64_t workload_seed_ = 0;
    // The start of the next victim: a disk, and what was promised when its power failed.
    Image disk_;
    crash::Promises promises_;
    std::optional<crash::Judge> judge_;
};

}  // namespace amphora::power

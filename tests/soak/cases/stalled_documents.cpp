// The document store takes nothing for minutes, because its own small disk is full. Rows are still
// written. Documents are refused by name once there is no room for more of them, rows also where
// the journal is full. With room on the disk everything continues by itself.

#include "soak/cases/people.hpp"
#include "soak/load_case.hpp"
#include "workload/dice.hpp"

#include <fmt/format.h>

#include <sys/mount.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

namespace amphora::soak {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// A small file system in place of a database's documents, with their contents.
class SmallDisk {
  public:
    explicit SmallDisk(std::string place) : place_{std::move(place)} {
        fs::rename(place_, place_ + ".before");
        fs::create_directory(place_);
        mounted_ = ::mount("tmpfs", place_.c_str(), "tmpfs", 0, "size=24m") == 0;
        if (mounted_) fs::copy(place_ + ".before", place_, fs::copy_options::recursive);
    }
    ~SmallDisk() {
        if (mounted_) ::umount2(place_.c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    [[nodiscard]] bool mounted() const { return mounted_; }
    /// A file of another program takes all the rest.
    void fill() const {
        std::ofstream ballast{place_ + "/ballast", std::ios::binary | std::ios::app};
        const std::string block(4096, 'x');
        while (ballast.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
        }
    }
    void make_room() const { fs::remove(place_ + "/ballast"); }

  private:
    std::string place_;
    bool mounted_ = false;
};

Options options_of(std::uint64_t seconds) {
    Options options;
    options.profile = Profile::edge;
    options.seal_age_ms = 200;
    options.segment_bytes = 1u << 20;
    options.commit_bytes_max = 256u << 10;
    options.pending_bytes_max = 8u << 20;
    options.journal_bytes_max = (16 + seconds) << 20;
    options.reserve_bytes = 1u << 20;
    options.memory_bytes = 2u << 20;
    return options;
}

/// Commits of one kind, and their results.
struct Tally {
    std::int64_t done = 0;
    std::uint64_t refused = 0;
};

class Stall {
  public:
    Stall(Database& db, CaseReport& report) : db_{db}, report_{report} {}

    bool write_rows(std::int64_t count) {
        return attempt(rows, count, [&](Transaction& tx) {
            for (std::int64_t number = 0; number < count; ++number) {
                tx.put(people, person(rows.done + number));
            }
        });
    }
    bool write_document() {
        return attempt(documents, 1, [&](Transaction& tx) {
            const auto seed = static_cast<std::uint64_t>(documents.done);
            tx.put(notes, note(documents.done, workload::filler(seed, 4000)));
        });
    }

    Tally rows, documents;

  private:
    template <class Body>
    bool attempt(Tally& tally, std::int64_t count, Body&& body) {
        try {
            db_.write(body, {.timeout = milliseconds{20}});
            tally.done += count;
            return true;
        } catch (const Error& error) {
            ++tally.refused;
            const bool named = error.code() == ErrorCode::documents_stalled ||
                               error.code() == ErrorCode::disk_full ||
                               error.code() == ErrorCode::outbox_full;
            report_.require(named, error.what());
            return false;
        }
    }

    Database& db_;
    CaseReport& report_;
};

}  // namespace

CaseReport stalled_documents(const CaseOptions& options) {
    const std::string directory = options.folder + "/stalled.amphora";
    CaseReport report;
    Database::open(directory, people_schema).close();
    const SmallDisk disk{directory + "/documents"};
    if (!disk.mounted()) {
        report.skipped = "mounting a small tmpfs needs root";
        return report;
    }
    {
        Database db = Database::open(directory, people_schema, options_of(options.size));
        Stall stall{db, report};
        for (int number = 0; number < 200; ++number) stall.write_rows(1), stall.write_document();
        disk.fill();

        const auto start = steady_clock::now();
        const Tally rows_before = stall.rows;
        std::chrono::microseconds slowest{0};
        while (steady_clock::now() - start < std::chrono::seconds{options.size}) {
            const auto began = steady_clock::now();
            stall.write_rows(1);
            slowest = std::max(slowest, std::chrono::duration_cast<std::chrono::microseconds>(
                                            steady_clock::now() - began));
            stall.write_document();
            std::this_thread::sleep_for(milliseconds{5});  // at about 200 a second
        }
        report.require(stall.rows.refused == 0, "rows are written on while documents stall");
        report.require(stall.documents.refused > 0, "documents were refused");
        report.lines.push_back(
            fmt::format("stalled for {} s: {} rows written, the slowest took {} ms; {} documents "
                        "refused, {} taken",
                        options.size, stall.rows.done - rows_before.done, slowest.count() / 1000,
                        stall.documents.refused, stall.documents.done));

        // Nothing is thrown away: in the end the journal is full, and that has a name.
        const auto patience = steady_clock::now() + std::chrono::seconds{300};
        while (stall.write_rows(500) && steady_clock::now() < patience) {
        }
        report.require(stall.rows.refused > 0, "the journal has its bound");
        report.lines.push_back(fmt::format("rows up to the journal's bound: {}", stall.rows.done));

        disk.make_room();
        const auto healing = steady_clock::now();
        while (!(stall.write_document() && stall.write_rows(1)) &&
               steady_clock::now() - healing < std::chrono::seconds{60}) {
            std::this_thread::sleep_for(milliseconds{5});
        }
        const bool delivered =
            db.wait(db.snapshot().commit_seen(), Delivery::both, milliseconds{60'000});
        report.require(delivered, "it continues by itself once there is room");
        report.lines.push_back(fmt::format(
            "healed in {} ms",
            std::chrono::duration_cast<milliseconds>(steady_clock::now() - healing).count()));

        const Snapshot now = db.snapshot();
        report.require(count_of(now.scan(people)) == static_cast<std::uint64_t>(stall.rows.done),
                       "each row that was acknowledged is there, and no other");
        report.require(
            count_of(now.scan(notes)) == static_cast<std::uint64_t>(stall.documents.done),
            "each document that was acknowledged is there, and no other");
        report.require(db.check().findings.empty(), "check finds nothing");
    }
    return report;
}

}  // namespace amphora::soak

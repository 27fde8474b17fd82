#include "tree/tree_fixture.hpp"
#include "tree/victim_process.hpp"

#include <gmock/gmock.h>

#include <linux/ioctl.h>
#include <sys/ioctl.h>

#include <chrono>
#include <thread>

namespace amphora::tree::testing {
namespace {

/// An ext4 of its own in a file, whose power can be cut: what was synced is there afterwards, the
/// rest is not, and nothing that is still in memory gets out. Only root can have one.
class CutDisk {
  public:
    CutDisk() {
        std::filesystem::create_directory(place());
        usable_ = run("truncate -s 128M " + image()) && run("mkfs.ext4 -qF " + image()) && mount();
    }
    ~CutDisk() { ::umount2(place().c_str(), MNT_DETACH); }
    CutDisk(const CutDisk&) = delete;
    CutDisk& operator=(const CutDisk&) = delete;

    [[nodiscard]] bool usable() const { return usable_; }
    [[nodiscard]] std::string place() const { return scratch_ / "mounted"; }

    void cut_power() {
        const int directory = ::open(place().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ASSERT_GE(directory, 0);
        // As XFS_IOC_GOINGDOWN, which ext4 understands; 2: not even the journal's buffer is
        // written.
        std::uint32_t at_once = 2;
        EXPECT_EQ(::ioctl(directory, _IOR('X', 125, std::uint32_t), &at_once), 0);
        ::close(directory);
    }
    void power_on() {
        const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (::umount2(place().c_str(), 0) != 0) {
            ASSERT_LT(std::chrono::steady_clock::now(), patience) << "still busy";
            std::this_thread::yield();
        }
        ASSERT_TRUE(mount());
    }

  private:
    [[nodiscard]] std::string image() const { return scratch_ / "image"; }
    static bool run(const std::string& command) {
        return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
    }
    [[nodiscard]] bool mount() const { return run("mount -o loop " + image() + " " + place()); }

    ScratchDirectory scratch_;
    bool usable_ = false;
};

class TreePowerCut : public ::testing::TestWithParam<Kind> {};
AMPHORA_FOR_BOTH_TREES(TreePowerCut);

/// The power goes while a program delivers. What the tree had called held is there afterwards, and
/// what is there is a prefix of the deliveries, mark and contents alike.
TEST_P(TreePowerCut, KeepsWhatWasHeld) {
    CutDisk disk;
    if (!disk.usable()) GTEST_SKIP() << "mounting an ext4 of one's own needs root and mkfs.ext4";
    const std::string directory = disk.place() + "/tree";
    open_tree(GetParam(), directory, OpenMode::create);
    const std::uint64_t seed = seed_from_environment();
    SCOPED_TRACE("AMPHORA_SEED=" + std::to_string(seed));
    Dice dice(seed);
    Model model;
    std::uint64_t reached = 0;
    const std::uint64_t cuts = 3 * scale_from_environment();
    for (std::uint64_t cut = 0; cut < cuts; ++cut) {
        std::uint64_t promised = reached;
        {
            VictimProcess victim({"write", std::string(to_string(GetParam())), directory,
                                  std::to_string(seed), std::to_string(reached + 1)});
            const auto take_line = [&] {
                const std::string line = victim.read_line();
                const std::size_t space = line.find(' ');
                if (space == std::string::npos) return false;
                if (GetParam() == Kind::lmdb || line.starts_with("held")) {
                    promised = std::max<std::uint64_t>(promised, std::stoull(line.substr(space)));
                }
                return true;
            };
            const std::uint64_t lines = 80 + dice.below(100);
            for (std::uint64_t i = 0; i < lines; ++i) ASSERT_TRUE(take_line());
            std::this_thread::sleep_for(std::chrono::microseconds(dice.below(2000)));
            disk.cut_power();
            victim.kill();
            while (take_line()) {
            }
        }
        disk.power_on();
        const auto tree = open_tree(GetParam(), directory, OpenMode::read_write);
        const std::uint64_t survived = number(tree->delivered().sequence);
        ASSERT_GE(survived, promised);
        ASSERT_GT(promised, reached) << "nothing was held in the meantime";
        for (std::uint64_t sequence = reached + 1; sequence <= survived; ++sequence) {
            random_batch(seed, sequence).fold_into(model);
        }
        reached = survived;
        ASSERT_EQ(contents(*tree->view()), model);
        ASSERT_THAT(check(*tree), ::testing::IsEmpty());
    }
}

}  // namespace
}  // namespace amphora::tree::testing

#include "samplegen/sample.hpp"

#include "samplegen/world.hpp"

namespace amphora::samplegen {

std::map<std::string, std::string> make_sample(std::uint64_t seed) {
    // Each module has its own dice, so a change to one does not change the files of the others.
    Dice seeds{seed};
    Files files;
    const std::vector<User> users = add_mission(Dice{seeds.next()}, files);
    add_learning(Dice{seeds.next()}, users, files);
    add_coaching(Dice{seeds.next()}, files);
    return files;
}

}  // namespace amphora::samplegen

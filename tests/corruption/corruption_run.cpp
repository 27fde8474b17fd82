#include "corruption/corruption_run.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

namespace amphora::corruption {
namespace {

namespace fs = std::filesystem;

std::string line_of(const std::string& name, const CorruptionReport::Counts& counts) {
    std::string line = fmt::format("{:<26}", name);
    for (const std::uint64_t count : counts) line += fmt::format("{:>10}", count);
    return line + "\n";
}

}  // namespace

CorruptionRun::CorruptionRun(CorruptionOptions options) : options_{std::move(options)} {
    images_.emplace_back(folder_ / "closed", Image::Ending::closed, options_.seed,
                         options_.transactions);
    images_.emplace_back(folder_ / "killed", Image::Ending::killed, options_.seed,
                         options_.transactions);
}

CorruptionReport CorruptionRun::run() {
    for (std::uint64_t number = options_.first_case; number < options_.first_case + options_.cases;
         ++number) {
        if (options_.until && std::chrono::steady_clock::now() >= *options_.until) break;
        run_case(number);
        ++report_.cases;
        if (options_.progress) options_.progress(report_.cases);
    }
    return std::move(report_);
}

void CorruptionRun::run_case(std::uint64_t number) {
    workload::Dice dice{options_.seed, number};
    const Image& image = images_[number % images_.size()];
    // LMDB's pages are where no library helps: a third of all cases.
    const std::string file =
        dice.once_in(3) ? "relational/data.mdb" : image.files()[dice.below(image.files().size())];
    // A file is lost only now and then: that needs no search.
    DamageKind kind{static_cast<std::uint8_t>(dice.below(damage_kinds))};
    if (kind == DamageKind::lost && !dice.once_in(4)) kind = DamageKind::bit;

    const std::string place = folder_ / "damaged";
    image.copy_to(place);
    const std::string bytes = image.read(file);
    const Damage damage = Damage::random(kind, bytes.size(), dice);
    if (kind == DamageKind::lost) {
        fs::remove(place + "/" + file);
    } else {
        std::ofstream{place + "/" + file, std::ios::binary | std::ios::trunc}
            << damage.applied_to(bytes);
    }
    const bool repairs = options_.aftermath == Aftermath::repair;
    fs::remove_all(place + ".damaged");
    const char* const how = repairs ? "apply" : dice.once_in(3) ? "change" : "look";
    const Testimony testimony =
        ask_witness({repairs ? "repair" : "read", place, std::to_string(image.seed()),
                     std::to_string(image.transactions()), how});
    const Judgement judgement = repairs ? judge_repair(image, file, damage, testimony)
                                        : judge(image, file, damage, testimony);
    const auto outcome = static_cast<std::size_t>(judgement.outcome);
    ++report_.by_file[kind_of(file)][outcome];
    ++report_.by_damage[to_string(kind)][outcome];
    report_.found += judgement.found ? 1 : 0;
    if (judgement.violation) {
        report_.violations.push_back(
            fmt::format("{} (tools/corruption --seed {} --from {} --cases 1{})",
                        *judgement.violation, options_.seed, number, repairs ? " --repair" : ""));
    }
}

std::string CorruptionReport::text() const {
    std::string text = fmt::format("{:<26}", "");
    for (std::size_t i = 0; i < outcomes; ++i) {
        text += fmt::format("{:>10}", to_string(static_cast<Outcome>(i)));
    }
    text += "\n";
    for (const auto& [name, counts] : by_file) text += line_of(name, counts);
    text += "\n";
    for (const auto& [name, counts] : by_damage) text += line_of(name, counts);
    for (const std::string& violation : violations) text += violation + "\n";
    return text + fmt::format("corruption: {} cases, {} found by check, {} violations\n", cases,
                              found, violations.size());
}

}  // namespace amphora::corruption

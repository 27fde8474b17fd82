#include "corruption/corruption_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <stdexcept>

namespace amphora::corruption {
namespace {

namespace fs = std::filesystem;

constexpr const char* pages = "relational/data.mdb";

std::string line_of(const std::string& name, const CorruptionReport::Counts& counts) {
    std::string line = fmt::format("{:<40}", name);
    for (const std::uint64_t count : counts) line += fmt::format("{:>10}", count);
    return line + "\n";
}

}  // namespace

std::optional<Target> target_named(std::string_view name) {
    for (const Target target :
         {Target::any, Target::table, Target::journal, Target::catalog, Target::rows}) {
        if (to_string(target) == name) return target;
    }
    return std::nullopt;
}

std::string_view to_string(Target target) noexcept {
    switch (target) {
        case Target::any:
            return "any";
        case Target::table:
            return "table";
        case Target::journal:
            return "journal";
        case Target::catalog:
            return "catalog";
        case Target::rows:
            return "rows";
    }
    return "";
}

CorruptionRun::CorruptionRun(CorruptionOptions options) : options_{std::move(options)} {
    for (std::size_t shape = 0; shape < shapes.size(); ++shape) {
        images_.emplace_back(folder_ / fmt::format("shape{}", shape), shape, options_.seed,
                             options_.transactions);
    }
}

CorruptionReport CorruptionRun::run() {
    report_.aftermath = options_.aftermath;
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
    const std::string place = folder_ / "damaged";
    image.copy_to(place);
    const std::vector<std::string> which{place, std::to_string(image.seed()),
                                         std::to_string(image.transactions())};
    const auto ask = [&](const char* verb, const char* how) {
        return ask_witness({verb, which[0], which[1], which[2], how});
    };
    if (options_.aftermath == Aftermath::reading) {
        const std::string file = choose_file(image, options_.target, dice);
        const Damage damage = choose_damage(image, file, options_.target, dice);
        inflict({{file, damage}}, place);
        const Testimony testimony = ask("read", dice.once_in(3) ? "change" : "look");
        count(number, kind_of(file), damage, judge(image, file, damage, testimony));
        return;
    }
    const Target target = target_of(number);
    const std::vector<FileDamage> damages = choose_damages(image, target, dice);
    inflict(damages, place);
    fs::remove_all(place + ".damaged");
    const Testimony survey = ask("survey", "rescue");
    const Testimony repair = ask("repair", dice.once_in(2) ? "schema" : "apply");
    count(number, std::string{to_string(target)}, damages.front().damage,
          judge_repair(image, damages, survey, repair));
}

void CorruptionRun::count(std::uint64_t number, const std::string& where, const Damage& damage,
                          const Judgement& judgement) {
    const Image& image = images_[number % images_.size()];
    const auto outcome = static_cast<std::size_t>(judgement.outcome);
    ++report_.by_file[where][outcome];
    ++report_.by_damage[to_string(damage.kind)][outcome];
    ++report_.by_shape[std::string{image.shape().name}][outcome];
    report_.found += judgement.found ? 1 : 0;
    report_.cautious += judgement.cautious ? 1 : 0;
    if (judgement.violation) {
        report_.violations.push_back(fmt::format("{} ({})", *judgement.violation, again(number)));
    }
}

Target CorruptionRun::target_of(std::uint64_t number) const {
    if (options_.target != Target::any) return options_.target;
    constexpr std::array targets{Target::any, Target::table, Target::journal, Target::catalog,
                                 Target::rows};
    return targets[number / images_.size() % targets.size()];
}

std::vector<FileDamage> CorruptionRun::choose_damages(const Image& image, Target target,
                                                      workload::Dice& dice) const {
    // Several damages are worse than one: what is between them must not be lost.
    const std::uint64_t most = target == Target::table ? 10 : target == Target::journal ? 3 : 1;
    std::vector<FileDamage> damages;
    for (std::uint64_t left = 1 + dice.below(most); left > 0; --left) {
        const std::string file = choose_file(image, target, dice);
        damages.push_back({file, choose_damage(image, file, target, dice)});
    }
    return damages;
}

std::string CorruptionRun::choose_file(const Image& image, Target target, workload::Dice& dice) {
    std::vector<std::string> files;
    switch (target) {
        case Target::any:
            if (dice.once_in(3)) return pages;
            files = image.files();
            break;
        case Target::table:
            std::ranges::copy_if(image.files(), std::back_inserter(files),
                                 [](const std::string& name) { return name.ends_with(".sst"); });
            break;
        case Target::journal:
            std::ranges::copy_if(
                image.files(), std::back_inserter(files),
                [](const std::string& name) { return name.starts_with("journal/"); });
            break;
        case Target::catalog:
        case Target::rows:
            return pages;
    }
    if (files.empty()) throw std::runtime_error{"no such file in " + image.directory()};
    return files[dice.below(files.size())];
}

Damage CorruptionRun::choose_damage(const Image& image, const std::string& file, Target target,
                                    workload::Dice& dice) {
    if (target == Target::catalog || target == Target::rows) {
        const std::vector<Extent>& extents =
            target == Target::catalog ? image.entries().catalog : image.entries().rows;
        const Extent& extent = extents[dice.below(extents.size())];
        return {.kind = DamageKind::bit,
                .offset = extent.offset + dice.below(extent.bytes),
                .other = dice.below(8)};
    }
    // A file is lost only now and then: that needs no search.
    DamageKind kind{static_cast<std::uint8_t>(dice.below(damage_kinds))};
    if (kind == DamageKind::lost && !dice.once_in(4)) kind = DamageKind::bit;
    return Damage::random(kind, image.read(file).size(), dice);
}

std::string CorruptionRun::again(std::uint64_t number) const {
    return fmt::format(
        "tools/corruption --seed {} --from {} --cases 1{}{}", options_.seed, number,
        options_.target == Target::any ? "" : fmt::format(" --kind {}", to_string(options_.target)),
        options_.aftermath == Aftermath::repair ? " --repair" : "");
}

std::string CorruptionReport::text() const {
    std::string text = fmt::format("{:<40}", "");
    for (std::size_t i = 0; i < outcomes; ++i) {
        text += fmt::format("{:>10}", to_string(static_cast<Outcome>(i)));
    }
    text += "\n";
    for (const auto& [name, counts] : by_file) text += line_of(name, counts);
    text += "\n";
    for (const auto& [name, counts] : by_damage) text += line_of(name, counts);
    text += "\n";
    for (const auto& [name, counts] : by_shape) text += line_of(name, counts);
    for (const std::string& violation : violations) text += violation + "\n";
    if (aftermath == Aftermath::repair) {
        return text + fmt::format("repair: {} cases, {} cautious, {} violations\n", cases, cautious,
                                  violations.size());
    }
    return text + fmt::format("corruption: {} cases, {} found by check, {} violations\n", cases,
                              found, violations.size());
}

}  // namespace amphora::corruption

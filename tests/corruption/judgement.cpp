#include "corruption/judgement.hpp"

#include "corruption/account.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace amphora::corruption {
namespace {

/// What the witness said, sorted.
struct Said {
    std::vector<std::string> beyond, findings, refused, named, wrong, outdated, hidden;
    bool checked = false;
    bool read = false;
    std::uint64_t at = 0;

    explicit Said(const Testimony& testimony) {
        for (const std::string& line : testimony.lines) {
            const std::size_t space = std::min(line.find(' '), line.size());
            const std::string word = line.substr(0, space);
            const std::string rest = line.substr(std::min(space + 1, line.size()));
            if (word == "finding") findings.push_back(rest);
            if (word == "beyond") beyond.push_back(rest);
            if (word == "refused") refused.push_back(rest);
            // Of an entry of the catalog.
            const bool missed = rest.starts_with("(no_such_table)");
            if (word == "named") (missed ? hidden : named).push_back(rest);
            if (word == "outdated") outdated.push_back(rest);
            if (word == "wrong") wrong.push_back(rest);
            if (word == "hidden") hidden.push_back(rest);
            if (word == "at") at = std::stoull(rest);
            checked = checked || word == "checked";
            read = read || word == "read";
        }
    }
};

/// "relational", "documents", "journal", "IDENTITY": what a message has to contain at least.
std::string piece_of(const std::string& file) {
    return file.substr(0, file.find('/'));
}

std::optional<std::string> violation_by_repair(const Image& image,
                                               const std::vector<FileDamage>& damages,
                                               const Said& said) {
    if (!said.read) return "repairing or reading ended the process";
    if (!said.wrong.empty()) return "a wrong value after the repair: " + said.wrong.front();
    if (!said.findings.empty()) return "the repaired database: " + said.findings.front();
    if (!said.refused.empty()) return "does not open after the repair: " + said.refused.front();
    if (!said.named.empty()) return "after the repair: " + said.named.front();
    const bool pages = std::ranges::any_of(
        damages, [](const FileDamage& each) { return each.file == "relational/data.mdb"; });
    if (pages || image.shape().ending == Ending::killed) return std::nullopt;
    if (!said.beyond.empty()) return "not repaired: " + said.beyond.front();
    for (const std::string& missing : said.hidden) {
        if (missing.starts_with("owner") || missing.starts_with("item") ||
            missing.starts_with("loan")) {
            return "missing after the repair: " + missing;
        }
    }
    return std::nullopt;
}

Outcome outcome_of(const Image& image, const Said& said, const Testimony& testimony) {
    if (testimony.signal != 0 || !said.read) return Outcome::died;
    if (!said.refused.empty()) return Outcome::refused;
    if (!said.outdated.empty()) return Outcome::outdated;
    if (!said.hidden.empty()) return Outcome::hidden;
    if (!said.named.empty()) return Outcome::named;
    if (said.at < image.transactions()) return Outcome::shortened;
    return said.findings.empty() ? Outcome::harmless : Outcome::found_only;
}

std::optional<std::string> violation(const Image& image, const std::string& file, Outcome outcome,
                                     const Said& said) {
    const bool in_pages = file == "relational/data.mdb";
    if (!said.checked) return "the check ended the process";
    if (!said.wrong.empty()) return "a wrong value: " + said.wrong.front();
    if (!in_pages && outcome == Outcome::died) return "the reader died";
    if (!in_pages && outcome == Outcome::outdated) return "outdated: " + said.outdated.front();
    if (!in_pages && outcome == Outcome::hidden) return "not found: " + said.hidden.front();
    for (const auto* errors : {&said.refused, &said.named}) {
        for (const std::string& error : *errors) {
            const bool names_index = in_pages && error.find("index ") != std::string::npos;
            if (error.find(piece_of(file)) == std::string::npos && !names_index) {
                return "an error that does not name the piece: " + error;
            }
        }
    }
    if (outcome == Outcome::shortened) {
        // In a killed database nothing proves the last commit; the next commit proves each of the
        // others.
        const bool unproven = image.shape().ending == Ending::killed &&
                              file == image.newest_segment() && said.at + 1 >= image.transactions();
        if (!unproven) return fmt::format("commits are lost: {} are left", said.at);
        return std::nullopt;
    }
    if (outcome != Outcome::harmless && said.findings.empty()) return "check found nothing";
    return std::nullopt;
}

std::string told(const Image& image, const std::vector<FileDamage>& damages,
                 const std::string& what) {
    return fmt::format("{}; {}: {}", image.shape().name, text_of(damages), what);
}

}  // namespace

const char* to_string(Outcome outcome) noexcept {
    switch (outcome) {
        case Outcome::harmless:
            return "harmless";
        case Outcome::found_only:
            return "found";
        case Outcome::named:
            return "named";
        case Outcome::refused:
            return "refused";
        case Outcome::hidden:
            return "hidden";
        case Outcome::outdated:
            return "outdated";
        case Outcome::died:
            return "died";
        case Outcome::shortened:
            return "shortened";
        case Outcome::beyond:
            return "beyond";
    }
    return "";
}

Judgement judge(const Image& image, const std::string& file, const Damage& damage,
                const Testimony& testimony) {
    const Said said{testimony};
    Judgement judgement;
    judgement.found = !said.findings.empty();
    judgement.outcome = outcome_of(image, said, testimony);
    if (const auto what = violation(image, file, judgement.outcome, said)) {
        judgement.violation = told(image, {{file, damage}}, *what);
    }
    return judgement;
}

Judgement judge_repair(const Image& image, const std::vector<FileDamage>& damages,
                       const Testimony& survey, const Testimony& testimony) {
    const Said said{testimony};
    Judgement judgement;
    judgement.outcome = said.beyond.empty() ? outcome_of(image, said, testimony) : Outcome::beyond;
    std::optional<std::string> what = violation_by_repair(image, damages, said);
    if (said.beyond.empty()) {
        const bool may_lose = !image.proves_last_commit() &&
                              std::ranges::any_of(damages, [&](const FileDamage& each) {
                                  return each.file == image.newest_segment();
                              });
        const Account account =
            account_for(survey, testimony, may_lose ? LastCommit::may_be_lost : LastCommit::proven);
        judgement.cautious = account.is_cautious;
        if (!what) what = account.violation;
    }
    if (what) judgement.violation = told(image, damages, *what);
    return judgement;
}

std::string kind_of(std::string_view file) {
    std::string kind;
    for (const char letter : file) {
        if (letter < '0' || letter > '9') kind += letter;
    }
    return kind;
}

}  // namespace amphora::corruption

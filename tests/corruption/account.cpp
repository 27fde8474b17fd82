#include "corruption/account.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace amphora::corruption {
namespace {

/// "owners 5".
using Entries = std::set<std::string>;

std::string name_of(const std::string& entry) {
    return entry.substr(0, entry.find(' '));
}
std::string id_of(const std::string& entry) {
    return entry.substr(entry.find(' ') + 1);
}

Entries entries(const Testimony& testimony, std::string_view word) {
    Entries found;
    for (const std::string& line : testimony.lines) {
        if (line.starts_with(word) && line.size() > word.size() && line[word.size()] == ' ') {
            found.insert(line.substr(word.size() + 1));
        }
    }
    return found;
}

bool says(const std::string& text, std::string_view words) {
    return text.find(words) != std::string::npos;
}

/// Whether the line is about entries of that table or collection, or about all of them.
bool names(const std::string& loss, const std::string& name) {
    for (const std::string_view all :
         {"commits ", "every commit", "of any table", "definition", "list of table"}) {
        if (says(loss, all)) return true;
    }
    return says(loss, name);
}
/// It reports that something may be missing, not that it is.
bool is_cautious(const std::string& loss) {
    for (const std::string_view words : {"may be missing", "if there were any", "may have written",
                                         "may be among them", "commits ", "every commit"}) {
        if (says(loss, words)) return true;
    }
    return false;
}

/// The witness lists no receipts, so what is missing of them does not show. A loss whose name cannot
/// be read names the first space of the table, the fourth of the schema.
bool is_about_receipts(const std::string& loss) {
    return says(loss, "receipts") || says(loss, "(space 23)");
}

}  // namespace

Account account_for(const Testimony& survey, const Testimony& repair, LastCommit last) {
    const Entries readable = entries(survey, "readable");
    const bool is_without_last = last == LastCommit::may_be_lost &&
                                 entries(repair, "lost").empty() &&
                                 entries(repair, "one").contains("less");
    const Entries missing = entries(repair, is_without_last ? "lacks" : "missing");
    const Entries kept = entries(repair, "kept");
    const Entries losses = entries(repair, "lost");
    const bool is_whole = entries(repair, "whole").contains("1");

    Account account;
    account.missing = missing.size();
    const auto violate = [&](std::string what) {
        if (!account.violation) account.violation = std::move(what);
    };
    const auto is_kept = [&](const std::string& entry) {
        return kept.contains(entry) || kept.contains("? " + id_of(entry));
    };
    for (const std::string& entry : missing) {
        if (is_kept(entry)) continue;
        if (readable.contains(entry)) violate("a rescue reads it and a repair drops it: " + entry);
        const bool is_named = std::ranges::any_of(
            losses, [&](const std::string& loss) { return names(loss, name_of(entry)); });
        if (!is_named) violate("missing and not named: " + entry);
    }
    if (!missing.empty() && is_whole) {
        violate("called whole without " + *missing.begin());
    }
    if (is_whole && (!losses.empty() || !kept.empty())) violate("called whole with losses");
    const Entries newest = entries(repair, "newest");
    for (const std::string& entry : newest) {
        if (kept.contains(entry)) violate("in quarantine and in the result: " + entry);
    }
    // A lost definition takes no entry with it where the table or collection was empty.
    const auto is_about_empty = [&](const std::string& loss) {
        const std::string name = loss.substr(0, loss.find(':'));
        return says(loss, "its definition") &&
               std::ranges::none_of(
                   newest, [&](const std::string& entry) { return name_of(entry) == name; });
    };
    if (missing.empty()) {
        for (const std::string& loss : losses) {
            if (!is_cautious(loss) && !is_about_receipts(loss) && !is_about_empty(loss)) {
                violate("nothing is missing: " + loss);
            }
        }
    }
    account.is_cautious = missing.empty() && kept.empty() && !losses.empty();
    return account;
}

}  // namespace amphora::corruption

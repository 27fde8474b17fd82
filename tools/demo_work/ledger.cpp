#include "demo_work/ledger.hpp"

#include "demo_work/figures.hpp"
#include "learning.hpp"
#include "mission.hpp"

#include <fmt/format.h>

namespace amphora::demo {

namespace {

/// The contents of both stores, as far as the demo made them.
struct Found {
    std::map<std::string, std::vector<std::int64_t>> users;  // e-mail -> ids
    std::map<std::int64_t, std::int64_t> points;             // user -> points
    std::map<std::int64_t, std::uint64_t> signup_logs;
    std::map<std::pair<std::int64_t, std::int64_t>, std::uint64_t> takes, successes;
    std::map<std::pair<std::int64_t, std::int64_t>, std::uint64_t> take_logs, success_logs;
    std::map<std::string, std::uint64_t> feedback;            // _id
    std::map<std::int64_t, std::uint64_t> feedback_users;     // user -> documents that make sense
    std::map<std::string, std::uint64_t> feedback_senseless;  // _id
    std::map<std::int64_t, std::int64_t> feedback_counts;     // user -> column
};

Found look(const Snapshot& now) {
    Found found;
    for (const auto& user : now.scan(mission::users)) {
        if (!user.email.starts_with("demo.")) continue;
        found.users[user.email].push_back(user.user_id);
        found.points[user.user_id] = user.point.value_or(0);
    }
    for (const auto& taken : now.scan(mission::user_missions)) {
        if (!found.points.contains(taken.user_id)) continue;
        ++found.takes[{taken.user_id, taken.mission_id}];
        if (taken.status == mission::UserMissionStatus::success) {
            ++found.successes[{taken.user_id, taken.mission_id}];
        }
    }
    for (const DocumentView log : now.scan(mission::activity_logs)) {
        const std::int64_t user = log.find("user_id")->as_int64().value_or(0);
        if (!found.points.contains(user)) continue;
        const auto event = log.find("event")->as_text().value_or("");
        const auto mission_field = log.find("mission_id");
        const std::int64_t mission = mission_field ? mission_field->as_int64().value_or(0) : 0;
        if (event == "signup") ++found.signup_logs[user];
        if (event == "take") ++found.take_logs[{user, mission}];
        if (event == "success") ++found.success_logs[{user, mission}];
    }
    for (const DocumentView document : now.scan(learning::ai_feedback)) {
        const auto id = document.find("_id")->as_text();
        if (!id || !id->starts_with("demo.")) continue;
        ++found.feedback[std::string{*id}];
        if (id->ends_with(senseless)) {
            ++found.feedback_senseless[std::string{*id}];
            continue;
        }
        ++found.feedback_users[document.find("user_id")->as_int64().value_or(0)];
    }
    for (const auto& metric : now.scan(learning::learning_metrics)) {
        if (found.points.contains(metric.user_id)) {
            found.feedback_counts[metric.user_id] = metric.feedback_count;
        }
    }
    return found;
}

/// Compares how often each thing is stored with how often it must or may be.
template <class Key, class Acknowledged, class Unknown, class Name>
Ledger::Line compare(std::string what, const std::map<Key, std::uint64_t>& found,
                     const Acknowledged& acknowledged, const Unknown& unknown,
                     std::vector<std::string>& findings, Name name) {
    Ledger::Line line;
    line.what = std::move(what);
    line.acknowledged = acknowledged.size();
    for (const auto& entry : unknown) {
        if constexpr (requires {
                          entry.first;
                          entry.second;
                      } &&
                      !std::is_same_v<Key, std::remove_cvref_t<decltype(entry)>>) {
            line.unknown += acknowledged.contains(entry.first) ? 0 : 1;
        } else {
            line.unknown += acknowledged.contains(entry) ? 0 : 1;
        }
    }
    for (const auto& [key, times] : found) {
        line.found += times;
        const bool may_be = acknowledged.contains(key) || unknown.contains(key);
        const std::uint64_t surplus = times - (may_be ? 1 : 0);
        if (surplus != 0) {
            line.duplicated += surplus;
            findings.push_back(
                fmt::format("{}: {} is there {} times", line.what, name(key), times));
        }
    }
    const auto miss = [&](const Key& key) {
        if (found.contains(key)) return;
        ++line.lost;
        findings.push_back(fmt::format("{}: {} is missing", line.what, name(key)));
    };
    for (const auto& entry : acknowledged) {
        if constexpr (std::is_same_v<Key, std::remove_cvref_t<decltype(entry)>>) {
            miss(entry);
        } else {
            miss(entry.first);
        }
    }
    return line;
}

/// Two things from the same transactions must both be stored, equally often.
template <class Key, class Name>
Ledger::Line pair_up(std::string what, const std::map<Key, std::uint64_t>& left,
                     const std::map<Key, std::uint64_t>& right, std::vector<std::string>& findings,
                     Name name) {
    Ledger::Line line;
    line.what = std::move(what);
    const auto times = [](const std::map<Key, std::uint64_t>& in, const Key& key) {
        const auto at = in.find(key);
        return at == in.end() ? 0 : at->second;
    };
    const auto judge = [&](const Key& key) {
        const std::uint64_t lefts = times(left, key);
        const std::uint64_t rights = times(right, key);
        if (lefts == rights) return;
        (rights < lefts ? line.lost : line.duplicated) +=
            lefts > rights ? lefts - rights : rights - lefts;
        findings.push_back(fmt::format("{}: {} has {} of one and {} of the other", line.what,
                                       name(key), lefts, rights));
    };
    for (const auto& [key, count] : left) {
        line.acknowledged += count;
        judge(key);
    }
    for (const auto& [key, count] : right) {
        line.found += count;
        if (!left.contains(key)) judge(key);
    }
    return line;
}

}  // namespace

void Ledger::hear(const Step& step) {
    if (step.acknowledged) ++acknowledged_;
    const Taken taken{step.user, step.mission};
    switch (step.kind) {
        case Kind::signup:
            if (step.acknowledged) {
                signups_[step.name] = step.user;
            } else {
                signups_unknown_.insert(step.name);
            }
            break;
        case Kind::take:
            (step.acknowledged ? takes_ : takes_unknown_).insert(taken);
            break;
        case Kind::press:
            ++presses_refused_;
            break;
        case Kind::complete:
            (step.acknowledged ? completions_ : completions_unknown_)[taken] = step.points;
            break;
        case Kind::feedback:
            (step.acknowledged ? feedback_ : feedback_unknown_)[step.name] = step.user;
            break;
    }
}

Ledger::Verdict Ledger::judge(const Database& database) const {
    const Found found = look(database.snapshot());
    Verdict verdict;
    const auto text = [](const std::string& name) { return name; };
    const auto user_text = [](std::int64_t user) { return fmt::format("user {}", user); };
    const auto pair_text = [](const Taken& taken) {
        return fmt::format("user {}, mission {}", taken.first, taken.second);
    };
    auto& findings = verdict.findings;

    std::map<std::string, std::uint64_t> users;
    std::map<std::int64_t, std::uint64_t> user_ids;
    for (const auto& [email, ids] : found.users) {
        users[email] = ids.size();
        for (const std::int64_t id : ids) ++user_ids[id];
    }
    verdict.lines.push_back(compare("sign-ups", users, signups_, signups_unknown_, findings, text));
    verdict.lines.push_back(
        pair_up("one sign-up log per user", user_ids, found.signup_logs, findings, user_text));
    verdict.lines.push_back(
        compare("missions taken", found.takes, takes_, takes_unknown_, findings, pair_text));
    verdict.lines.push_back(
        pair_up("one log per mission taken", found.takes, found.take_logs, findings, pair_text));
    verdict.lines.push_back(compare("missions completed", found.successes, completions_,
                                    completions_unknown_, findings, pair_text));
    verdict.lines.push_back(pair_up("one log per completion", found.successes, found.success_logs,
                                    findings, pair_text));

    // Points are exactly the sum of the completed missions.
    std::map<std::int64_t, std::uint64_t> earned;
    std::map<std::int64_t, std::uint64_t> booked;
    for (const auto& [taken, times] : found.successes) {
        const auto known = completions_.find(taken);
        const auto unknown = completions_unknown_.find(taken);
        if (known != completions_.end()) {
            earned[taken.first] += static_cast<std::uint64_t>(known->second);
        } else if (unknown != completions_unknown_.end()) {
            earned[taken.first] += static_cast<std::uint64_t>(unknown->second);
        }
    }
    for (const auto& [user, points] : found.points) {
        if (points != 0) booked[user] = static_cast<std::uint64_t>(points);
    }
    verdict.lines.push_back(
        pair_up("points earned and booked", earned, booked, findings, user_text));

    verdict.lines.push_back(compare("feedback documents", found.feedback, feedback_,
                                    feedback_unknown_, findings, text));
    std::map<std::int64_t, std::uint64_t> counted;
    for (const auto& [user, count] : found.feedback_counts) {
        counted[user] = static_cast<std::uint64_t>(count);
    }
    verdict.lines.push_back(pair_up("feedback counted by a consumer", found.feedback_users, counted,
                                    findings, user_text));
    verdict.lines.push_back(pair_up("dead letters, all provoked", found.feedback_senseless,
                                    dead_feedback(database), findings, text));

    for (const Line& line : verdict.lines) {
        verdict.lost += line.lost;
        verdict.duplicated += line.duplicated;
    }
    return verdict;
}

}  // namespace amphora::demo

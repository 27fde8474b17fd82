#include "samplegen/csv_text.hpp"
#include "samplegen/phrases.hpp"
#include "samplegen/world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace amphora::samplegen {

namespace {

constexpr std::uint64_t learners_percent = 48;

/// "[{"topic": "fractions", "score": 0.42}, ...]"
std::string weak_topics(Dice& dice) {
    std::string list;
    const std::int64_t count = dice.between(1, 3);
    const std::uint64_t first = dice.below(phrases::topics.size());
    for (std::int64_t i = 0; i < count; ++i) {
        const auto place = static_cast<std::size_t>((first + 5 * static_cast<std::uint64_t>(i)) %
                                                    phrases::topics.size());
        list += fmt::format(R"({}{{"topic": "{}", "score": 0.{:02}}})", i == 0 ? "" : ", ",
                            phrases::topics[place], dice.between(5, 60));
    }
    return "[" + list + "]";
}

}  // namespace

void add_learning(Dice dice, const std::vector<User>& users, Files& files) {
    constexpr std::array<std::string_view, 3> models{"tutor-1", "tutor-1.5", "tutor-2"};
    CsvText metrics{"user_id,progress_rate,level,feedback_count,updated_at"};
    std::string feedback;
    std::uint64_t number = 0;
    for (const User& user : users) {
        if (!dice.percent(learners_percent)) continue;
        // The figures follow from the documents: their number, and the content and time of the last
        // one.
        const std::int64_t count = dice.between(1, 5);
        std::int64_t hundredths = dice.between(0, 4000);
        DateTime at = user.created_at;
        for (std::int64_t i = 0; i < count; ++i) {
            at = after(at, dice.between(2 * hour, 9 * day));
            hundredths = std::min<std::int64_t>(hundredths + dice.between(0, 1500), 10'000);
            const auto model = static_cast<std::size_t>(dice.below(models.size()));
            // In separate statements, because the order in which arguments are evaluated is not
            // defined.
            const std::string state = json_text(dice.pick(phrases::diagnoses));
            const std::string topics = weak_topics(dice);
            const std::string first = json_text(dice.pick(phrases::recommendations));
            const std::string then = json_text(dice.pick(phrases::recommendations));
            const std::string message = json_text(dice.pick(phrases::encouragements));
            feedback += fmt::format(
                R"({{"_id": {}, "user_id": {}, "created_at": {}, "model": "{}", )"
                R"("diagnosis": {{"state": {}, "progress": {}.{:02}}}, "weak_topics": {}, )"
                R"("recommendations": [{}, {}], "message": {})",
                json_id(2, ++number), user.user_id, json_date(at), models[model], state,
                hundredths / 100, hundredths % 100, topics, first, then, message);
            // Newer models write more fields; no schema had to change for them.
            if (model >= 1) feedback += fmt::format(R"(, "minutes_read": {})", dice.between(1, 30));
            if (model == 2) {
                const std::string_view mood = dice.percent(70) ? "motivated" : "tired";
                feedback += fmt::format(R"(, "mood": {{"label": "{}", "confidence": 0.{:02}}})",
                                        mood, dice.between(50, 99));
            }
            feedback += "}\n";
        }
        metrics.add({user.user_id, Decimal{hundredths, 2}, 1 + hundredths / 2000, count, at});
    }
    files["learning_metrics.csv"] = metrics.text();
    files["ai_feedback.jsonl"] = feedback;
}

}  // namespace amphora::samplegen

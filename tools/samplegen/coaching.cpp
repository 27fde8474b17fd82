#include "samplegen/csv_text.hpp"
#include "samplegen/phrases.hpp"
#include "samplegen/world.hpp"

#include <fmt/format.h>

#include <optional>

namespace amphora::samplegen {

namespace {

constexpr std::int64_t coaches_count = 8;
constexpr std::int64_t members_count = 40;
constexpr std::int64_t slots_per_coach = 22;

}  // namespace

void add_coaching(Dice dice, Files& files) {
    CsvText members{"member_id,name,email,role"};
    for (std::int64_t id = 1; id <= members_count; ++id) {
        const phrases::Person& person = dice.pick(phrases::people);
        members.add({id, person.name, fmt::format("{}.{}@coaching.example.com", person.mail, id),
                     id <= coaches_count ? "COACH" : "MENTEE"});
    }

    CsvText slots{"coaching_schedule_id,coach_id,starts_at,ends_at,match_yn"};
    CsvText bookings{"coaching_schedule_id,mentee_id,created_at"};
    CsvText cancellations{"cancel_request_id,coaching_schedule_id,requested_by,reason,created_at"};
    CsvText feedback{"feedback_id,coaching_schedule_id,writer_id,content,created_at"};
    std::int64_t slot = 0, cancellation = 0, answer = 0;
    for (std::int64_t coach = 1; coach <= coaches_count; ++coach) {
        DateTime starts = after(start, 9 * hour);
        for (std::int64_t i = 0; i < slots_per_coach; ++i) {
            starts = after(starts, dice.between(1, 5) * day);
            const DateTime begins = after(starts, dice.between(0, 8) * hour);
            const DateTime ends = after(begins, hour);
            const DateTime booked_at = after(begins, -dice.between(day, 6 * day) / second * second);
            // A cancelled slot is free again, and some are booked once more.
            const bool was_cancelled = dice.percent(12);
            const bool is_booked = dice.percent(was_cancelled ? 40 : 60);
            slots.add({++slot, coach, begins, ends, is_booked});
            if (was_cancelled) {
                std::optional<std::string_view> reason;
                if (dice.percent(80)) reason = dice.pick(phrases::cancel_reasons);
                cancellations.add({++cancellation, slot,
                                   dice.between(coaches_count + 1, members_count), reason,
                                   after(booked_at, -dice.between(1, 20) * hour)});
            }
            if (!is_booked) continue;
            const std::int64_t mentee = dice.between(coaches_count + 1, members_count);
            bookings.add({slot, mentee, booked_at});
            for (const std::int64_t writer : {coach, mentee}) {
                if (!dice.percent(55)) continue;
                feedback.add({++answer, slot, writer, dice.pick(phrases::coach_feedback),
                              after(ends, dice.between(minute, 2 * day))});
            }
        }
    }
    files["members.csv"] = members.text();
    files["coaching_schedule.csv"] = slots.text();
    files["mentee_schedule.csv"] = bookings.text();
    files["cancel_request.csv"] = cancellations.text();
    files["feedback.csv"] = feedback.text();
}

}  // namespace amphora::samplegen

#include "samplegen/csv_text.hpp"
#include "samplegen/phrases.hpp"
#include "samplegen/world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

namespace amphora::samplegen {

namespace {

constexpr std::int64_t users_count = 200;
constexpr std::int64_t stores_count = 40;
constexpr std::int64_t missions_count = 120;
constexpr std::int64_t mission_id_first = 1001;
constexpr std::int64_t takes_count = 640;
constexpr std::int64_t reviews_count = 260;
constexpr std::int64_t inquiries_count = 80;
constexpr std::int64_t alarms_count = 320;
constexpr std::int64_t logins_count = 240;

constexpr std::array<std::string_view, 3> take_states{"CHALLENGING", "SUCCESS", "FAILED"};
constexpr std::array<std::string_view, 4> alarm_kinds{"MISSION", "REVIEW", "POINT", "NOTICE"};

struct Mission {
    std::int64_t point;
    DateTime created_at;
};
struct Log {
    DateTime at;
    std::string body;  ///< the fields after "at"
};

class MissionSample {
  public:
    MissionSample(Dice dice, Files& files) : dice_{dice}, files_{files} {}

    std::vector<User> run() {
        draw_users();
        add_regions();
        add_missions();
        add_user_missions();
        add_reviews();
        add_stores();
        add_users();
        add_inquiries();
        add_alarms();
        add_activity_logs();
        return std::move(users_);
    }

  private:
    /// A moment of waking hours, to the second or finer.
    DateTime moment(DateTime from, DateTime to) {
        const std::int64_t length =
            std::max<std::int64_t>(to.microseconds - from.microseconds, second);
        const std::int64_t at = from.microseconds + dice_.between(0, length - 1);
        return DateTime{dice_.percent(30) ? at : at / second * second};
    }
    DateTime moment_after(DateTime from) { return moment(from, after(start, days * day)); }

    void log(const User& user, DateTime at, std::string_view event, const std::string& more) {
        logs_.push_back(
            {at, fmt::format(R"("user_id": {}, "event": "{}"{})", user.user_id, event, more)});
    }

    /// A device as a client reports it: free form, without all fields each time.
    std::string device() {
        constexpr std::array<std::string_view, 3> systems{"Android 16", "iOS 26.1", "web"};
        std::string fields = fmt::format(R"(, "device": {{"os": "{}")", dice_.pick(systems));
        if (dice_.percent(60)) {
            const std::uint64_t major_version = dice_.below(4);
            fields += fmt::format(R"(, "app": "3.{}.{}")", major_version, dice_.below(10));
        }
        return fields + "}";
    }

    void draw_users() {
        DateTime at = start;
        for (std::int64_t id = 1; id <= users_count; ++id) {
            at = after(at, dice_.between(minute, 2 * days * day / (3 * users_count) * 2));
            users_.push_back({id, at});
            log(users_.back(), at, "signup", device());
        }
        points_.resize(users_.size(), 0);
    }

    void add_regions() {
        CsvText table{"region_id,region_name"};
        std::int64_t id = 0;
        for (const phrases::Region& region : phrases::regions) table.add({++id, region.name});
        files_["regions.csv"] = table.text();
    }

    void add_missions() {
        CsvText table{"mission_id,point,mission_number,content,created_at,store_id,period,status"};
        constexpr std::array<std::int64_t, 6> periods{90 * minute, 6 * hour, day,
                                                      2 * day,     3 * day,  7 * day};
        std::vector<std::int64_t> numbers(stores_count + 1, 0);
        for (std::int64_t place = 0; place < missions_count; ++place) {
            std::optional<std::int64_t> store;
            if (!dice_.percent(10)) store = dice_.between(1, stores_count);
            const Mission mission{dice_.between(1, 30) * 50, moment(start, after(start, 10 * day))};
            missions_.push_back(mission);
            const std::string_view status = dice_.percent(80)   ? "AVAILABLE"
                                            : dice_.percent(50) ? "PAUSED"
                                                                : "ENDED";
            table.add({mission_id_first + place, mission.point,
                       ++numbers[static_cast<std::size_t>(store.value_or(0))],
                       dice_.pick(phrases::missions), mission.created_at, store,
                       Time{dice_.pick(periods)}, status});
        }
        files_["missions.csv"] = table.text();
    }

    /// Which user took which mission, once each. A completed mission gives its points once.
    void add_user_missions() {
        CsvText table{"user_mission_id,start_at,mission_id,user_id,status"};
        std::set<std::pair<std::size_t, std::size_t>> taken;
        std::int64_t id = 0;
        while (id < takes_count) {
            // The square makes some users busier than others.
            const std::uint64_t far = dice_.below(users_.size() * users_.size());
            std::size_t place = 0;
            while ((place + 1) * (place + 1) <= far) ++place;
            const std::size_t mission = static_cast<std::size_t>(dice_.below(missions_.size()));
            if (!taken.emplace(place, mission).second) continue;
            const User& user = users_[place];
            const DateTime at =
                moment_after(std::max(user.created_at, missions_[mission].created_at));
            const std::string_view state = take_states[dice_.percent(45)   ? 1
                                                       : dice_.percent(70) ? 0
                                                                           : 2];
            const std::int64_t mission_id = mission_id_first + static_cast<std::int64_t>(mission);
            table.add({++id, at, mission_id, user.user_id, state});
            log(user, at, "take", fmt::format(R"(, "mission_id": {})", mission_id));
            if (state == "SUCCESS") {
                points_[place] += missions_[mission].point;
                log(user, after(at, dice_.between(10 * minute, 5 * hour)), "success",
                    fmt::format(R"(, "mission_id": {}, "points": {})", mission_id,
                                missions_[mission].point));
            }
        }
        files_["user_missions.csv"] = table.text();
    }

    void add_reviews() {
        CsvText table{"review_id,review_score,content,created_at,updated_at,store_id,user_id"};
        CsvText images{"review_img_id,img_url,review_order,is_main,review_id"};
        std::int64_t image_id = 0;
        scores_.resize(stores_count + 1);
        for (std::int64_t id = 1; id <= reviews_count; ++id) {
            const User& user = dice_.pick(users_);
            const std::int64_t store = dice_.between(1, stores_count);
            const std::int64_t score =
                dice_.percent(70) ? dice_.between(4, 5) : dice_.between(1, 5);
            scores_[static_cast<std::size_t>(store)].push_back(score);
            const DateTime at = moment_after(user.created_at);
            std::optional<DateTime> updated;
            if (dice_.percent(15)) updated = after(at, dice_.between(hour, 3 * day));
            table.add({id, score, dice_.pick(phrases::reviews), at, updated, store, user.user_id});
            log(user, at, "review", fmt::format(R"(, "store_id": {}, "score": {})", store, score));
            const std::int64_t count = dice_.percent(55) ? 0 : dice_.between(1, 3);
            for (std::int64_t order = 1; order <= count; ++order) {
                table_image(images, ++image_id, "reviews", id, order);
            }
        }
        files_["reviews.csv"] = table.text();
        files_["review_images.csv"] = images.text();
    }

    void table_image(CsvText& images, std::int64_t image_id, std::string_view kind,
                     std::int64_t owner, std::int64_t order) {
        images.add(
            {image_id,
             fmt::format("https://img.example.com/{}/{}/{:016x}.jpg", kind, owner, dice_.next()),
             order, order == 1, owner});
    }

    std::string address(std::string_view region) {
        const std::string_view street = dice_.pick(phrases::streets);
        const std::int64_t house = dice_.between(1, 320);
        return fmt::format("{} {} {}, {}층", region, street, house, dice_.between(1, 4));
    }

    /// Called after the reviews, whose mean is the score.
    void add_stores() {
        CsvText table{
            "store_id,name,longitude,latitude,type,address,status,created_at,updated_at,"
            "store_score,region_id"};
        for (std::int64_t id = 1; id <= stores_count; ++id) {
            const std::size_t region_place =
                static_cast<std::size_t>(dice_.below(phrases::regions.size()));
            const phrases::Region& region = phrases::regions[region_place];
            const std::size_t kind = dice_.percent(60) ? static_cast<std::size_t>(dice_.below(2))
                                                       : static_cast<std::size_t>(dice_.below(6));
            const DateTime at = moment(after(start, -400 * day), start);
            const auto& given = scores_[static_cast<std::size_t>(id)];
            std::int64_t sum = 0;
            for (const std::int64_t score : given) sum += score;
            const auto count = static_cast<std::int64_t>(std::max<std::size_t>(given.size(), 1));
            const std::int64_t tenths = (20 * sum + count) / (2 * count);  // rounded to tenths
            const std::string_view status = dice_.percent(90)   ? "OPEN"
                                            : dice_.percent(50) ? "CLOSED"
                                                                : "SUSPENDED";
            table.add({id,
                       fmt::format("{} {} {}", dice_.pick(phrases::store_places),
                                   phrases::store_endings[kind], id),
                       Decimal{region.longitude_e6 + dice_.between(-60'000, 60'000), 6},
                       Decimal{region.latitude_e6 + dice_.between(-40'000, 40'000), 6},
                       phrases::store_kinds[kind], address(region.name), status, at,
                       after(at, dice_.between(0, 300) * hour), Decimal{tenths, 1},
                       static_cast<std::int64_t>(region_place) + 1});
        }
        files_["stores.csv"] = table.text();
    }

    /// Called after the users' missions, whose points they have.
    void add_users() {
        CsvText table{
            "user_id,name,email,phone_num,is_phone_authorized,point,created_at,updated_at"};
        for (std::size_t place = 0; place < users_.size(); ++place) {
            const User& user = users_[place];
            const phrases::Person& person = dice_.pick(phrases::people);
            std::optional<std::string> phone;
            if (dice_.percent(75)) {
                phone = fmt::format("010-{:04}-{:04}", 2000 + 37 * user.user_id % 8000,
                                    dice_.below(10'000));
            }
            std::optional<DateTime> updated;
            if (points_[place] > 0 || dice_.percent(20)) updated = moment_after(user.created_at);
            table.add({user.user_id, person.name,
                       fmt::format("{}.{}@example.com", person.mail, user.user_id), phone,
                       phone.has_value() && dice_.percent(80), points_[place], user.created_at,
                       updated});
        }
        files_["users.csv"] = table.text();
    }

    void add_inquiries() {
        CsvText table{"inquiry_id,type,title,content,is_replied,created_at,updated_at,user_id"};
        CsvText images{"inquiry_img_id,img_url,inquiry_order,is_main,inquiry_id"};
        constexpr std::array<std::string_view, 4> kinds{"POINT", "ACCOUNT", "STORE", "APP"};
        std::int64_t image_id = 0;
        for (std::int64_t id = 1; id <= inquiries_count; ++id) {
            const User& user = dice_.pick(users_);
            const std::size_t subject =
                static_cast<std::size_t>(dice_.below(phrases::inquiries.size()));
            const DateTime at = moment_after(user.created_at);
            const bool is_replied = dice_.percent(60);
            std::optional<std::string_view> kind;
            if (dice_.percent(85)) kind = dice_.pick(kinds);
            std::optional<DateTime> updated;
            if (is_replied) updated = after(at, dice_.between(hour, 4 * day));
            table.add({id, kind, phrases::inquiry_titles[subject], phrases::inquiries[subject],
                       is_replied, at, updated, user.user_id});
            const std::int64_t count = dice_.percent(75) ? 0 : dice_.between(1, 2);
            for (std::int64_t order = 1; order <= count; ++order) {
                table_image(images, ++image_id, "inquiries", id, order);
            }
        }
        files_["inquiries.csv"] = table.text();
        files_["inquiry_images.csv"] = images.text();
    }

    void add_alarms() {
        CsvText table{"alarm_id,content,type,is_read,created_at,user_id"};
        constexpr std::array<std::string_view, 4> contents{
            "새로운 미션이 도착했어요: 오늘 안에 도전해 보세요!", "리뷰에 답글이 달렸습니다.",
            "포인트가 적립되었습니다.", "Maintenance on Sunday, 02:00 to 04:00."};
        for (std::int64_t id = 1; id <= alarms_count; ++id) {
            const User& user = dice_.pick(users_);
            const std::size_t kind = static_cast<std::size_t>(dice_.below(alarm_kinds.size()));
            std::optional<bool> is_read;
            if (dice_.percent(90)) is_read = dice_.percent(65);
            table.add({id, contents[kind], alarm_kinds[kind], is_read,
                       moment_after(user.created_at), user.user_id});
        }
        files_["alarms.csv"] = table.text();
    }

    void add_activity_logs() {
        for (std::int64_t count = 0; count < logins_count; ++count) {
            const User& user = dice_.pick(users_);
            log(user, moment_after(user.created_at), "login", device());
        }
        std::stable_sort(logs_.begin(), logs_.end(),
                         [](const Log& left, const Log& right) { return left.at < right.at; });
        std::string text;
        std::uint64_t number = 0;
        for (const Log& entry : logs_) {
            text += fmt::format(R"({{"_id": {}, "at": {}, {}}})", json_id(1, ++number),
                                json_date(entry.at), entry.body) +
                    "\n";
        }
        files_["activity_logs.jsonl"] = text;
    }

    Dice dice_;
    Files& files_;
    std::vector<User> users_;
    std::vector<std::int64_t> points_;  ///< by the user's position
    std::vector<Mission> missions_;
    std::vector<std::vector<std::int64_t>> scores_;  ///< by store
    std::vector<Log> logs_;
};

}  // namespace

std::vector<User> add_mission(Dice dice, Files& files) {
    return MissionSample{dice, files}.run();
}

}  // namespace amphora::samplegen

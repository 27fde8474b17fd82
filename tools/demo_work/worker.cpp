#include "demo_work/worker.hpp"

#include "demo_work/figures.hpp"
#include "demo_work/step.hpp"
#include "learning.hpp"
#include "mission.hpp"

#include <amphora/amphora.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <deque>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace amphora::demo {

namespace {

/// The parent has ended, so there is nothing more to do.
struct ParentGone {};

class Worker {
  public:
    Worker(Database& database, const WorkerOptions& options, unsigned thread,
           std::vector<mission::Mission> missions, std::atomic<bool>& stop)
        : database_{database},
          options_{options},
          thread_{thread},
          missions_{std::move(missions)},
          stop_{stop},
          random_{options.seed * 1000 + options.run * 10 + thread} {}

    void run() {
        while (!stop_.load(std::memory_order_relaxed)) {
            const auto dice = random_() % 100;
            if (users_.empty() || dice < 25) {
                sign_up();
            } else if (dice < 60) {
                take_mission();
            } else if (dice < 80 && !taken_.empty()) {
                complete_mission();
            } else {
                write_feedback();
            }
        }
    }

  private:
    void say(const Step& step) const {
        const std::string line = to_line(step);
        if (::write(options_.steps_to, line.data(), line.size()) !=
            static_cast<ssize_t>(line.size())) {
            throw ParentGone{};
        }
    }

    std::string fresh_name() {
        return fmt::format("demo.{}.{}.{}", options_.run, thread_, ++made_);
    }

    /// The user and the log of the sign-up: both, or neither.
    void sign_up() {
        Step step{Kind::signup, false, fresh_name() + "@example.com"};
        say(step);
        const auto signup = database_.write([&](Transaction& tx) {
            const auto user = tx.insert(
                mission::users, {.name = fmt::format("Demo {}", made_), .email = step.name});
            tx.insert(mission::activity_logs, {{"user_id", user.user_id}, {"event", "signup"}});
            tx.publish("user.signed_up", {{"user_id", user.user_id}});
            return user.user_id;
        });
        step.acknowledged = true;
        step.user = signup.value;
        say(step);
        users_.push_back(signup.value);
    }

    /// A user takes a mission once, even if the button is pressed several times.
    void take_mission() {
        const mission::Mission& mission = missions_[random_() % missions_.size()];
        Step step{Kind::take, false, "-", users_[random_() % users_.size()], mission.mission_id};
        const int presses = random_() % 3 == 0 ? 2 : 1;
        for (int press = 0; press < presses; ++press) {
            step.kind = Kind::take;
            step.acknowledged = false;
            say(step);
            try {
                database_.write([&](Transaction& tx) {
                    tx.insert(mission::user_missions,
                              {.start_at = now,
                               .mission_id = step.mission,
                               .user_id = step.user,
                               .status = mission::UserMissionStatus::challenging});
                    tx.insert(
                        mission::activity_logs,
                        {{"user_id", step.user}, {"event", "take"}, {"mission_id", step.mission}});
                });
            } catch (const Error& error) {
                if (error.code() != ErrorCode::duplicate_key) throw;
                step.kind = Kind::press;  // "already taken"
            }
            step.acknowledged = true;
            say(step);
            if (step.kind == Kind::take) taken_.emplace_back(step.user, step.mission);
        }
    }

    /// The points, the status and the log, once.
    void complete_mission() {
        const auto [user, mission_id] = taken_.front();
        taken_.pop_front();
        std::int64_t points = 0;
        for (const mission::Mission& mission : missions_) {
            if (mission.mission_id == mission_id) points = mission.point;
        }
        Step step{Kind::complete, false, "-", user, mission_id, points};
        say(step);
        database_.write([&](Transaction& tx) {
            const auto taken = tx.find(mission::idx_user_mission, {step.user, step.mission});
            tx.update(mission::user_missions, taken->user_mission_id,
                      set(&mission::UserMission::status, mission::UserMissionStatus::success));
            tx.update(mission::users, step.user, [&](mission::User& row) {
                row.point = row.point.value_or(0) + static_cast<std::int32_t>(points);
            });
            tx.insert(mission::activity_logs, {{"user_id", step.user},
                                               {"event", "success"},
                                               {"mission_id", step.mission},
                                               {"points", points}});
        });
        step.acknowledged = true;
        say(step);
    }

    /// The finding as a document; a consumer counts it. One in 200 makes no sense.
    void write_feedback() {
        const bool is_senseless = random_() % 200 == 0;
        Step step{Kind::feedback, false, fresh_name(), users_[random_() % users_.size()]};
        if (is_senseless) step.name += senseless;
        say(step);
        const double score = is_senseless ? 7.5 : static_cast<double>(random_() % 1000) / 1000;
        database_.write([&](Transaction& tx) {
            tx.insert(learning::ai_feedback,
                      {{"_id", step.name},
                       {"user_id", step.user},
                       {"created_at", now},
                       {"model", "demo-1"},
                       {"diagnosis", Document{{"state", score < 0.5 ? "struggling" : "on track"},
                                              {"score", score}}},
                       {"weak_topics", Array{Document{{"topic", "fractions"}, {"score", score}}}},
                       {"message", "Keep going, one step a day."}});
        });
        step.acknowledged = true;
        say(step);
    }

    Database& database_;
    const WorkerOptions& options_;
    unsigned thread_;
    std::vector<mission::Mission> missions_;
    std::atomic<bool>& stop_;
    std::mt19937_64 random_;
    std::uint64_t made_ = 0;
    std::vector<std::int64_t> users_;
    std::deque<std::pair<std::int64_t, std::int64_t>> taken_;
};

void wait_for_stop(int descriptor) {
    char byte = 0;
    while (::read(descriptor, &byte, 1) > 0) {
    }
}

}  // namespace

int work(const WorkerOptions& options) {
    try {
        Database database = Database::open(options.directory);
        std::vector<mission::Mission> missions;
        for (auto row : database.snapshot().scan(mission::missions)) missions.push_back(row);

        const Subscription figures = keep_figures(database);
        std::atomic<bool> stop{false};
        std::atomic<bool> failed{false};
        std::vector<std::jthread> threads;
        for (unsigned thread = 0; thread < options.threads; ++thread) {
            threads.emplace_back([&, thread] {
                try {
                    Worker{database, options, thread, missions, stop}.run();
                } catch (const ParentGone&) {
                    stop = true;
                } catch (const std::exception& error) {
                    std::fprintf(stderr, "worker: %s\n", error.what());
                    failed = true;
                    stop = true;
                }
            });
        }
        wait_for_stop(options.stop_from);
        stop = true;
        threads.clear();
        database.close();
        return failed ? 1 : 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "worker: %s\n", error.what());
        return 1;
    }
}

}  // namespace amphora::demo

#include "demo_work/figures.hpp"

#include "learning.hpp"

#include <chrono>
#include <stdexcept>
#include <thread>

namespace amphora::demo {

namespace {

void count(Transaction& tx, const Change& change) {
    const DocumentView feedback = *change.document_after();
    const double score = feedback.find("diagnosis.score")->as_double().value_or(0);
    if (score < 0 || score > 1) throw std::invalid_argument{"a score is between 0 and 1"};
    const std::int64_t user = feedback.find("user_id")->as_int64().value();
    const bool is_known = tx.update(learning::learning_metrics, user,
                                    [](learning::LearningMetric& row) { ++row.feedback_count; });
    if (!is_known) {
        tx.insert(learning::learning_metrics, {.user_id = user, .feedback_count = 1});
    }
}

Subscription run(Database& database, FeedStart start) {
    ConsumerOptions options;
    options.start = start;
    options.backoff = std::chrono::milliseconds{1};
    options.partition_by = "_id";
    return database.consume(figures_name, inserts(learning::ai_feedback), count, options);
}

}  // namespace

void begin_figures(Database& database) {
    run(database, FeedStart::end).stop();
}

Subscription keep_figures(Database& database) {
    return run(database, FeedStart::oldest);
}

void catch_up_with_figures(Database& database) {
    const Subscription figures = keep_figures(database);
    const Commit last = database.snapshot().commit_seen();
    database.sync(last);
    static_cast<void>(figures.await(last));
    while (database.consumers().at(0).set_aside > 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
}

std::map<std::string, std::uint64_t> dead_feedback(const Database& database) {
    std::map<std::string, std::uint64_t> dead;
    for (const DeadLetter& letter : database.dead_letters(figures_name)) {
        const auto id = letter.change.find("after._id");
        ++dead[std::string{id ? id->as_text().value_or("") : ""}];
    }
    return dead;
}

}  // namespace amphora::demo

#pragma once

#include "workload/comparison.hpp"
#include "workload/reading.hpp"
#include "workload/schema.hpp"
#include "workload/workload.hpp"

#include <amphora/amphora.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

/// Threads that write the workload and remember each commit: what a copy of any moment must hold.
namespace amphora::backup_test {

inline std::int64_t system_us() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

struct Made {
    Sequence sequence{};
    std::int64_t began_us = 0, returned_us = 0;
};

class Writers {
  public:
    Writers(std::uint64_t seed, std::uint32_t threads) : workload_{seed}, made_{threads} {
        for (std::uint32_t thread = 0; thread < threads; ++thread) models_.emplace_back(thread);
    }
    ~Writers() { stop(); }

    /// Each writes `count` more transactions, on this thread.
    void write(Database& db, std::uint64_t count, Durability durability = Durability::synced) {
        for (std::uint64_t i = 0; i < count; ++i) {
            for (workload::Model& model : models_) step(db, model, durability);
        }
    }
    void start(Database& db) {
        stop_ = false;
        for (workload::Model& model : models_) {
            threads_.emplace_back([this, &db, &model] { run(db, model); });
        }
    }
    void stop() {
        stop_ = true;
        for (std::thread& thread : threads_) thread.join();
        threads_.clear();
        EXPECT_EQ(failure_, "");
    }
    /// Waits until this many transactions have been made in total.
    void await(std::uint64_t transactions) const {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{60};
        while (count_ < transactions && std::chrono::steady_clock::now() < until) {
            std::this_thread::yield();
        }
        ASSERT_GE(count_, transactions);
    }

    /// Waits until each thread has noted its current transaction.
    void await_notes() const {
        const std::vector<std::size_t> before = sizes();
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{60};
        for (std::size_t thread = 0; thread < before.size(); ++thread) {
            while (sizes()[thread] <= before[thread] && std::chrono::steady_clock::now() < until) {
                std::this_thread::yield();
            }
        }
    }

    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] std::vector<Made> all() const {
        const std::lock_guard lock{mutex_};
        std::vector<Made> all;
        for (const auto& thread : made_) all.insert(all.end(), thread.begin(), thread.end());
        return all;
    }
    [[nodiscard]] Sequence last() const {
        Sequence last{};
        for (const Made& made : all()) last = std::max(last, made.sequence);
        return last;
    }

    /// Both stores must be the fold of all transactions up to `last`, of which none was made later.
    void expect_as_of(const Reader& reader, Sequence last) const {
        const std::lock_guard lock{mutex_};
        std::vector<workload::Model> models;
        for (std::uint32_t thread = 0; thread < made_.size(); ++thread) {
            std::uint64_t done = 0;
            for (const Made& made : made_[thread]) done += made.sequence <= last ? 1 : 0;
            EXPECT_EQ(workload::position(reader, thread), done) << "thread " << thread;
            workload_.fold(models.emplace_back(thread), done);
        }
        const auto differences = workload::compare(reader, models);
        EXPECT_TRUE(differences.empty()) << differences.size() << ", " << differences.front();
    }

  private:
    [[nodiscard]] std::vector<std::size_t> sizes() const {
        const std::lock_guard lock{mutex_};
        std::vector<std::size_t> sizes;
        for (const auto& thread : made_) sizes.push_back(thread.size());
        return sizes;
    }
    void step(Database& db, workload::Model& model, Durability durability) {
        Made made;
        made.began_us = system_us();
        made.sequence = workload_.commit_next(db, model, durability).sequence;
        made.returned_us = system_us();
        const std::lock_guard lock{mutex_};
        made_[model.thread].push_back(made);
        ++count_;
    }
    void run(Database& db, workload::Model& model) {
        try {
            std::uint64_t turn = model.thread;
            while (!stop_) {
                step(db, model, ++turn % 3 == 0 ? Durability::written : Durability::synced);
            }
        } catch (const std::exception& error) {
            const std::lock_guard lock{mutex_};
            failure_ = error.what();
        }
    }

    workload::Workload workload_;
    std::vector<workload::Model> models_;
    mutable std::mutex mutex_;
    std::vector<std::vector<Made>> made_;
    std::string failure_;
    std::atomic<std::uint64_t> count_{0};
    std::atomic<bool> stop_{false};
    std::vector<std::thread> threads_;
};

/// Small segments and memtables, so that everything is replaced within a second.
inline Options small() {
    Options options;
    options.profile = Profile::edge;
    options.segment_bytes = 256 * 1024;
    options.commit_bytes_max = 192 * 1024;
    options.journal_bytes_max = 8 * options.segment_bytes;
    options.pending_bytes_max = 4 << 20;
    options.seal_bytes = 64 * 1024;
    options.seal_age_ms = 5;
    options.sync_interval_ms = 5;
    options.memory_bytes = 1 << 20;
    options.reserve_bytes = 1 << 20;
    options.map_bytes = 4ull << 30;
    return options;
}

inline Options read_only() {
    Options options = small();
    options.mode = OpenMode::read_only;
    return options;
}

template <class Call>
std::pair<ErrorCode, std::string> error_of(Call&& call) {
    try {
        call();
    } catch (const Error& error) {
        return {error.code(), error.what()};
    }
    ADD_FAILURE() << "nothing was thrown";
    return {ErrorCode::invalid_argument, ""};
}

}  // namespace amphora::backup_test

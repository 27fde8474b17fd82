#include "crash/promises.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace amphora::crash {

bool Promises::is_commit(const std::string& line) {
    return line.size() > 1 && line[1] == ' ' &&
           (line[0] == 's' || line[0] == 'w' || line[0] == 'b');
}

void Promises::heard(const std::string& line) {
    std::istringstream words{line};
    std::string word;
    std::uint32_t thread = 0;
    std::uint64_t count = 0;
    std::uint64_t sequence = 0;
    std::uint64_t epoch = 0;
    words >> word;
    if (word == "x") {
        complaints_.push_back("the victim: " + line.substr(2));
        ++torn_;
    } else if (word == "ready") {
        for (std::uint32_t working = 0; working < working_; ++working) {
            threads_[working].on_its_way = true;
        }
        // Sequences that were lost are given again.
        acknowledged_up_to_ = 0;
        first_gone_.reset();
        last_there_ = 0;
    } else if (word == "closing") {
        for (Thread& its : threads_) its.on_its_way = false;
    } else if (word == "copying") {
        words >> count;
        began_copy(count);
    } else if (word == "copied") {
        CopyPromise made{.is_made = true};
        words >> made.number >> made.earliest >> made.last;
        made_copy(made);
    } else if (words >> thread >> count && thread < threads_max) {
        if (word == "at") found(thread, count);
        if (is_commit(line) && words >> sequence >> epoch) {
            std::int64_t by_us = 0;
            words >> by_us;
            committed_under(epoch);
            returned(thread, {count, sequence, by_us, word != "b"},
                     word == "s" || (word == "w" && stop_ == Stop::kill));
        }
    }
}

void Promises::committed_under(std::uint64_t epoch) {
    if (epoch <= epoch_before_ && torn_ == 0) {
        complaints_.push_back(
            fmt::format("epoch {} was used before, up to {}", epoch, epoch_before_));
        ++torn_;
    }
    epoch_ = std::max(epoch_, epoch);
}

void Promises::returned(std::uint32_t thread, Returned commit, bool is_acknowledged) {
    threads_[thread].returned.push_back(commit);
    if (is_acknowledged && commit.sequence > acknowledged_up_to_) {
        acknowledged_up_to_ = commit.sequence;
        for (Thread& its : threads_) promise_up_to(its, acknowledged_up_to_);
    } else {
        promise_up_to(threads_[thread], acknowledged_up_to_);
    }
}

void Promises::promise_up_to(Thread& thread, std::uint64_t sequence) {
    const auto& returned = thread.returned;
    const auto after = std::ranges::upper_bound(returned, sequence, {}, &Returned::sequence);
    if (after == returned.begin()) return;
    const std::uint64_t promised = std::max(thread.promised, std::prev(after)->count);
    acknowledged_ += promised - thread.promised;
    thread.promised = promised;
}

void Promises::found(std::uint32_t thread, std::uint64_t there) {
    Thread& its = threads_[thread];
    compare(fmt::format("thread {}", thread), its.promised, most_of(its), there);
    compare_order(thread, there);
    its = {.began = there, .promised = there, .on_its_way = false, .returned = {}};
    epoch_before_ = epoch_;
}

void Promises::found_in_copy(const CopyPromise& copy, std::uint32_t thread, std::uint64_t there) {
    Thread& its = threads_[thread];
    compare(fmt::format("copy {}, thread {}", copy.number, thread), copy.least[thread],
            most_of(its), there);
    its.promised = std::max(its.promised, std::min(there, most_of(its)));
}

std::uint64_t Promises::returned_of(const Thread& thread) {
    return thread.returned.empty() ? thread.promised
                                   : std::max(thread.promised, thread.returned.back().count);
}

std::uint64_t Promises::most_of(const Thread& thread) {
    return returned_of(thread) + (thread.on_its_way ? 1u : 0u);
}

void Promises::compare(const std::string& where, std::uint64_t least, std::uint64_t most,
                       std::uint64_t there) {
    if (there < least) {
        complaints_.push_back(fmt::format("{}: {} transactions were acknowledged, {} are there",
                                          where, least, there));
        lost_ += least - there;
    } else if (there > most) {
        complaints_.push_back(
            fmt::format("{}: at most {} transactions can be there, {} are", where, most, there));
        duplicated_ += there - most;
    }
}

void Promises::began_copy(std::uint64_t number) {
    CopyPromise& copy = copies_.emplace_back(CopyPromise{.number = number});
    for (std::uint32_t thread = 0; thread < threads_max; ++thread) {
        copy.least[thread] = returned_of(threads_[thread]);
    }
}

void Promises::made_copy(const CopyPromise& made) {
    std::erase_if(copies_, [&](const CopyPromise& copy) { return copy.number != made.number; });
    for (CopyPromise& copy : copies_) {
        copy.is_made = true;
        copy.earliest = made.earliest;
        copy.last = made.last;
    }
}

void Promises::compare_order(std::uint32_t thread, std::uint64_t there) {
    for (const Returned& commit : threads_[thread].returned) {
        if (commit.count <= there) {
            last_there_ = std::max(last_there_, commit.sequence);
        } else {
            first_gone_ = std::min(first_gone_.value_or(commit.sequence), commit.sequence);
        }
    }
    if (!first_gone_ || *first_gone_ > last_there_) return;
    complaints_.push_back(fmt::format("commit {} is gone, although the later commit {} is there",
                                      *first_gone_, last_there_));
    ++torn_;
    first_gone_.reset();
}

}  // namespace amphora::crash

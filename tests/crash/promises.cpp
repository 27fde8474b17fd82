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
    } else if (word == "copying" || word == "copied") {
        words >> count;
        heard_of_copy(word, count);
    } else if (words >> thread >> count && thread < threads_max) {
        if (word == "at") found(thread, count);
        if (is_commit(line) && words >> sequence >> epoch) {
            committed_under(epoch);
            returned(thread, {count, sequence},
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
    const auto after = std::upper_bound(
        returned.begin(), returned.end(), sequence,
        [](std::uint64_t wanted, const Returned& commit) { return wanted < commit.sequence; });
    if (after == returned.begin()) return;
    const std::uint64_t promised = std::max(thread.promised, std::prev(after)->count);
    acknowledged_ += promised - thread.promised;
    thread.promised = promised;
}

void Promises::found(std::uint32_t thread, std::uint64_t there) {
    Thread& its = threads_[thread];
    compare(fmt::format("thread {}", thread), its.promised, most_of(its), there);
    compare_order(thread, there);
    its = {.promised = there, .on_its_way = false, .returned = {}};
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

void Promises::heard_of_copy(const std::string& word, std::uint64_t number) {
    if (word == "copying") {
        CopyPromise& copy = copies_.emplace_back(CopyPromise{.number = number});
        for (std::uint32_t thread = 0; thread < threads_max; ++thread) {
            copy.least[thread] = returned_of(threads_[thread]);
        }
        return;
    }
    std::erase_if(copies_, [&](const CopyPromise& copy) { return copy.number != number; });
    for (CopyPromise& copy : copies_) copy.is_made = true;
}

void Promises::compare_order(std::uint32_t thread, std::uint64_t there) {
    for (const auto& [count, sequence] : threads_[thread].returned) {
        if (count <= there) {
            last_there_ = std::max(last_there_, sequence);
        } else {
            first_gone_ = std::min(first_gone_.value_or(sequence), sequence);
        }
    }
    if (!first_gone_ || *first_gone_ > last_there_) return;
    complaints_.push_back(fmt::format("commit {} is gone, although the later commit {} is there",
                                      *first_gone_, last_there_));
    ++torn_;
    first_gone_.reset();
}

}  // namespace amphora::crash

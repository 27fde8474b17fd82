#include "database/consumers/set_aside.hpp"

#include <algorithm>

namespace amphora::detail {

void SetAside::load(const std::vector<DeadLetter>& letters) {
    *this = SetAside{};
    for (const DeadLetter& letter : letters) {
        add(group_of(letter.partition, letter.position), {.id = ObjectId::parse(letter.id).value(),
                                                          .state = letter.state,
                                                          .attempts = letter.attempts});
    }
}

void SetAside::add(const std::string& group, const Letter& letter) {
    std::deque<Letter>& letters = groups_[group];
    letters.push_back(letter);
    ++size_;
    if (letters.size() == 1) schedule(group);
}

std::optional<std::string> SetAside::due(std::int64_t now_ms) const {
    if (due_.empty() || due_.begin()->first > now_ms) return std::nullopt;
    return due_.begin()->second;
}

std::optional<std::int64_t> SetAside::next_due_ms() const {
    if (due_.empty()) return std::nullopt;
    return due_.begin()->first;
}

void SetAside::remove_first(const std::string& group) {
    unschedule(group);
    std::deque<Letter>& letters = groups_.at(group);
    letters.pop_front();
    --size_;
    if (letters.empty()) {
        groups_.erase(group);
    } else {
        schedule(group);
    }
}

void SetAside::change_first(const std::string& group, DeadLetterState state, std::uint32_t attempts,
                            std::int64_t due_ms) {
    unschedule(group);
    Letter& letter = groups_.at(group).front();
    letter.state = state;
    letter.attempts = attempts;
    letter.due_ms = due_ms;
    schedule(group);
}

void SetAside::schedule(const std::string& group) {
    const Letter& letter = groups_.at(group).front();
    if (letter.state != DeadLetterState::dead) due_.emplace(letter.due_ms, group);
}

void SetAside::unschedule(const std::string& group) {
    due_.erase({groups_.at(group).front().due_ms, group});
}

}  // namespace amphora::detail

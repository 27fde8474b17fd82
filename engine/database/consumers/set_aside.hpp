#pragma once

#include <amphora/consumer.hpp>
#include <amphora/object_id.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace amphora::detail {

/// In memory: the order in which a consumer handles the changes that it has set aside. It follows
/// the letters in `amphora.dead_letters`.
///
/// Letters are in groups: those of one partition, or a single one of a consumer without partitions.
/// Invariant: within a group only the first letter is handled, so a group keeps the order of its
/// changes. A group whose first letter is dead stands still.
class SetAside {
  public:
    struct Letter {
        ObjectId id;
        DeadLetterState state = DeadLetterState::dead;
        std::uint32_t attempts = 0;
        std::int64_t due_ms = 0;  ///< of the steady clock; when it may be tried
    };

    /// The group of a letter.
    [[nodiscard]] static std::string group_of(const std::optional<std::string>& partition,
                                              const std::string& position) {
        return partition ? "partition " + *partition : "change " + position;
    }

    /// Replaces everything. `letters` are in the order of their changes.
    void load(const std::vector<DeadLetter>& letters);
    /// After the last letter of the group.
    void add(const std::string& group, const Letter& letter);
    /// Whether a change of this group must wait.
    [[nodiscard]] bool holds(const std::string& group) const { return groups_.contains(group); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// A group whose first letter may be tried now.
    [[nodiscard]] std::optional<std::string> due(std::int64_t now_ms) const;
    /// When the next one is due; none: there is none.
    [[nodiscard]] std::optional<std::int64_t> next_due_ms() const;
    [[nodiscard]] const Letter& first(const std::string& group) const {
        return groups_.at(group).front();
    }
    /// The first letter has taken effect, or is gone.
    void remove_first(const std::string& group);
    void change_first(const std::string& group, DeadLetterState state, std::uint32_t attempts,
                      std::int64_t due_ms);

  private:
    void schedule(const std::string& group);
    void unschedule(const std::string& group);

    std::map<std::string, std::deque<Letter>> groups_;
    std::set<std::pair<std::int64_t, std::string>> due_;  ///< groups whose first letter is not dead
    std::size_t size_ = 0;
};

}  // namespace amphora::detail

#pragma once

#include "base/ids.hpp"

#include <cstdint>
#include <string_view>

namespace amphora::journal {

/// What a commit is about: the spaces that it writes and the topics of its events, each as a bit
/// among 64. Others may have the same bit. So tags that do not meet prove that a commit has nothing
/// of what is wanted; tags that meet prove nothing.
class CommitTags {
  public:
    constexpr CommitTags() = default;  ///< of nothing
    [[nodiscard]] static constexpr CommitTags all() noexcept {
        return CommitTags{~std::uint64_t{0}};
    }
    [[nodiscard]] static constexpr CommitTags of_space(SpaceId space) noexcept {
        return bit(number(space) % spaces);
    }
    /// Of an event: its topic, and that it is one.
    [[nodiscard]] static constexpr CommitTags of_event(std::string_view topic) noexcept {
        return of_topic(topic) | of_all_topics();
    }
    /// Of what wants this topic.
    [[nodiscard]] static constexpr CommitTags of_topic(std::string_view topic) noexcept {
        std::uint64_t hash = 14695981039346656037u;  // FNV-1a
        for (const char letter : topic) {
            hash = (hash ^ static_cast<unsigned char>(letter)) * 1099511628211u;
        }
        return bit(static_cast<unsigned>(spaces + hash % topics));
    }
    /// Of what wants topics that begin with something.
    [[nodiscard]] static constexpr CommitTags of_all_topics() noexcept {
        return bit(spaces + topics);
    }

    constexpr CommitTags& operator|=(CommitTags other) noexcept {
        bits_ |= other.bits_;
        return *this;
    }
    [[nodiscard]] friend constexpr CommitTags operator|(CommitTags a, CommitTags b) noexcept {
        return CommitTags{a.bits_ | b.bits_};
    }
    [[nodiscard]] constexpr bool meet(CommitTags other) const noexcept {
        return (bits_ & other.bits_) != 0;
    }
    bool operator==(const CommitTags&) const = default;

  private:
    static constexpr unsigned spaces = 48, topics = 15;
    constexpr explicit CommitTags(std::uint64_t bits) noexcept : bits_{bits} {}
    [[nodiscard]] static constexpr CommitTags bit(unsigned place) noexcept {
        return CommitTags{std::uint64_t{1} << place};
    }

    std::uint64_t bits_ = 0;
};

}  // namespace amphora::journal

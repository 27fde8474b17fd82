#pragma once

#include "base/file.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace amphora::detail {

/// What the handler of a consumer has in hand, written outside of any transaction: a process that
/// is killed by a change leaves it for the next opening. It is a file in `in_hand/` of the database:
///
///   0   1  1: something is in hand; 0: nothing
///   1   8  checksum64 of the rest
///   9   4  how many changes, from the first one
///   13  4  the size of the consumer's name, then of the first change's
///   17  4
///   21     the name of the consumer, then that of the change
///
/// It is not synced: what matters is the end of the process, not of the power. A file that cannot be
/// written, or that does not verify, says nothing.
class InHand {
  public:
    /// Before the id of a dead letter, in place of a change's name.
    static constexpr std::string_view letter_prefix = "letter ";

    struct Held {
        std::string first;
        std::uint32_t changes = 0;
    };

    /// `files` must outlive it.
    InHand(FileSystem& files, const std::string& directory, std::string consumer);
    InHand(const InHand&) = delete;
    InHand& operator=(const InHand&) = delete;

    /// What an earlier process had in hand when it ended.
    [[nodiscard]] std::optional<Held> left() const noexcept;
    /// `first`: the name of the first of so many changes. One call of the operating system.
    void hold(const std::string& first, std::size_t changes) noexcept;
    void release() noexcept;
    /// Of a consumer that is dropped.
    static void remove(FileSystem& files, const std::string& directory,
                       const std::string& consumer) noexcept;

  private:
    FileSystem& files_;
    const std::string directory_;
    const std::string consumer_;
    const std::string path_;
    std::unique_ptr<File> file_;
    bool is_held_ = false;
    bool has_failed_ = false;
};

}  // namespace amphora::detail

#pragma once

#include "base/bytes.hpp"

#include <rocksdb/db.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace amphora::rocks {

/// Walks a tree in which some blocks cannot be read, and goes on behind each of them.
///
/// Where a damaged block ends is not written anywhere that can be read, but it can be asked: a seek
/// to a key inside of it fails, one to a key behind it does not. So the end is searched between the
/// last key that was read and keys ever further behind it, by doubling the distance and then by
/// halving it, keys taken as numbers. Where several blocks are damaged, what lies between two of
/// them may be given up with them: halving then finds the end of one of them, not of the first.
class SalvageWalk {
  public:
    using Visit = std::function<void(Bytes key, Bytes value)>;
    SalvageWalk(rocksdb::DB& database, const Visit& visit);

    void run();

    [[nodiscard]] std::uint64_t entries() const noexcept { return entries_; }
    /// One line for each gap, for people.
    [[nodiscard]] const std::vector<std::string>& losses() const noexcept { return losses_; }

  private:
    /// Whether the iterator stands somewhere, or at the end, without an error.
    bool seek(Bytes key);
    bool step_over(const Buffer& last);

    rocksdb::DB& database_;
    const Visit& visit_;
    std::unique_ptr<rocksdb::Iterator> entry_;
    std::uint64_t entries_ = 0;
    std::vector<std::string> losses_;
};

}  // namespace amphora::rocks

#pragma once

#include "base/published_page.hpp"
#include "base/range_lock.hpp"
#include "database/live/live_page.hpp"
#include "tree/lmdb/foreign/foreign_tree.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace amphora::live {

/// The owner, as far as one can tell from outside.
struct OwnerSign {
    bool is_alive = false;         ///< somebody holds the lock of an owner
    std::int64_t pid = 0;          ///< for people; 0: not known
    std::uint64_t generation = 0;  ///< of the last owner
    auto operator<=>(const OwnerSign&) const = default;

    /// Completes "while ...".
    [[nodiscard]] std::string text() const;
};

/// The sign of the owner of `directory`, which need not be a database.
[[nodiscard]] OwnerSign sign_of_owner(const std::string& directory);

/// What a living owner says.
struct OwnerNow {
    OwnerPart part;
    Sequence visible{};
    Sequence durable{};
};

/// One that looks at a database: it shows that it is there (observers_file.hpp), reads what the owner
/// says, and knows for how long the pages that it reads are kept.
///
/// Any thread.
class Observer : public std::enable_shared_from_this<Observer> {
  public:
    /// Throws `unsupported` if the database lacks the files OBSERVERS and LIVE, because no version of
    /// the library that makes them has opened it for writing; `newer_format`, `corrupt`, `io_error`.
    explicit Observer(std::string directory);

    /// None: there is no owner. Throws `timeout` while an owner is opening the database, and
    /// `unsupported` for an owner that does not write LIVE.
    [[nodiscard]] std::optional<OwnerNow> owner() const;
    /// Of the last owner. Every owner says another one before it changes anything.
    [[nodiscard]] std::uint64_t generation() const;
    /// The figures of the owner, about a second old at most. Waits for them, if nobody has looked until
    /// now. Throws `timeout` if the owner writes none.
    [[nodiscard]] Statistics figures() const;

    /// For views of the relational tree in the directory. They keep this object.
    [[nodiscard]] lmdb::ValidityOf validity();

  private:
    friend class Protection;
    [[nodiscard]] OwnerPart part() const;
    void wish(std::uint64_t pin);

    const std::string directory_;
    PageReader page_;

    mutable std::mutex mutex_;
    RangeLock lock_;
    std::map<std::uint64_t, std::uint64_t> wishes_;  ///< the byte of each pin that is wished
};

}  // namespace amphora::live

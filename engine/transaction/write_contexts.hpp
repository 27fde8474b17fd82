#pragma once

#include "outbox/context.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace amphora::transaction {

/// The contexts of a transaction's writes, each with the stamp from which on it is in force. Equal
/// contexts are stored once. Without any call of `set` every write has the empty context.
class WriteContexts {
  public:
    /// The context of all writes with a stamp above `stamp`, which never decreases. Returns what it
    /// adds to the transaction's size: the texts and their sizes; 0 for a context that was set
    /// before. Where that is more than `room` it returns it with nothing changed.
    std::size_t set(const outbox::Context& context, std::uint64_t stamp, std::size_t room);

    /// Whether every write has the empty context.
    [[nodiscard]] bool empty() const noexcept { return periods_.empty(); }
    [[nodiscard]] std::size_t count() const noexcept { return contexts_.size(); }
    /// For each stamp from 0 to `last` the number of its context, from 0 on. Not while `empty`.
    [[nodiscard]] std::vector<std::uint32_t> numbers_up_to(std::uint64_t last) const;
    [[nodiscard]] outbox::Context context(std::size_t number) const noexcept;

    void clear() noexcept;

  private:
    struct Period {
        std::uint64_t after;  // the stamp before its first write
        std::size_t number;
    };
    /// A handler's transaction has a context for each change, so each is one string.
    [[nodiscard]] static std::string joined(const outbox::Context& context);
    void begin_period(std::size_t number, std::uint64_t stamp);

    std::unordered_map<std::string, std::size_t> numbers_;
    std::vector<const std::string*> contexts_;  // by number; the keys of `numbers_`
    std::vector<Period> periods_;  // in the order of stamps; the first is after stamp 0
};

}  // namespace amphora::transaction

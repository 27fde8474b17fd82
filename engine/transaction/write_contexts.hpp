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
    /// What `set` would add to the transaction's size: the texts and their sizes; 0 for a context
    /// that was set before.
    [[nodiscard]] std::size_t bytes_for(const outbox::Context& context) const;
    /// The context of all writes with a stamp above `stamp`, which never decreases.
    void set(const outbox::Context& context, std::uint64_t stamp);

    /// Whether every write has the empty context.
    [[nodiscard]] bool empty() const noexcept { return periods_.empty(); }
    [[nodiscard]] std::size_t count() const noexcept { return contexts_.size(); }
    /// The number of the context of the write with this stamp, from 0 on. Not while `empty`.
    [[nodiscard]] std::size_t number_at(std::uint64_t stamp) const noexcept;
    [[nodiscard]] outbox::Context context(std::size_t number) const noexcept;

    void clear() noexcept;

  private:
    struct Period {
        std::uint64_t after;  // the stamp before its first write
        std::size_t number;
    };
    /// A handler's transaction has a context for each change, so each is one string.
    [[nodiscard]] static std::string joined(const outbox::Context& context);
    std::size_t number_of(const outbox::Context& context);

    std::unordered_map<std::string, std::size_t> numbers_;
    std::vector<const std::string*> contexts_;  // by number; the keys of `numbers_`
    std::vector<Period> periods_;  // in the order of stamps; the first is after stamp 0
};

}  // namespace amphora::transaction

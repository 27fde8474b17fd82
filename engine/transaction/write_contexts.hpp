#pragma once

#include "base/bytes.hpp"
#include "outbox/context.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace amphora::transaction {

/// The contexts of a transaction's writes, each with the stamp from which on it is in force. A
/// handler's transaction has one for each change, which no other has, between two of the consumer
/// itself: so only the first ones and the last one are not stored again when they come again. Without any call of `set` every write has the empty context.
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
    struct Place {
        std::size_t at;
        std::array<std::uint8_t, 3> sizes;  // of origin, correlation, causation
    };
    static constexpr std::size_t first_ones = 2;
    [[nodiscard]] std::optional<std::size_t> find(const outbox::Context& context) const noexcept;
    void begin_period(std::size_t number, std::uint64_t stamp);

    Buffer texts_;
    std::vector<Place> contexts_;  // by number
    std::vector<Period> periods_;  // in the order of stamps; the first is after stamp 0
};

}  // namespace amphora::transaction

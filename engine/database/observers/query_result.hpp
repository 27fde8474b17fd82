#pragma once

#include "base/bytes.hpp"

#include <amphora/query_observer.hpp>

#include <cstddef>
#include <vector>

namespace amphora::detail {

/// The states that a query selects, by key, in memory. Add all, then sort, then compare.
class QueryResult {
  public:
    /// `bytes_max` counts keys, states, and what is kept for each.
    explicit QueryResult(std::size_t bytes_max) noexcept : bytes_max_{bytes_max} {}
    QueryResult(const QueryResult&) = delete;
    QueryResult& operator=(const QueryResult&) = delete;

    /// Keys come in any order, each once. False: the result is too large.
    [[nodiscard]] bool add(Bytes key, Bytes state);
    /// By key.
    void sort();
    /// How this one differs from `before`; both are sorted. Points into both.
    [[nodiscard]] Differences<Bytes> differences_from(const QueryResult& before) const;

  private:
    struct Entry {
        std::size_t at = 0;  ///< in `bytes_`: the key, and then the state
        std::size_t key_bytes = 0;
        std::size_t state_bytes = 0;
    };
    [[nodiscard]] Bytes key(const Entry& entry) const noexcept {
        return Bytes{bytes_}.substr(entry.at, entry.key_bytes);
    }
    [[nodiscard]] Bytes state(const Entry& entry) const noexcept {
        return Bytes{bytes_}.substr(entry.at + entry.key_bytes, entry.state_bytes);
    }

    const std::size_t bytes_max_;
    Buffer bytes_;
    std::vector<Entry> entries_;
};

}  // namespace amphora::detail

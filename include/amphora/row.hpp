#pragma once

#include <amphora/value.hpp>

#include <array>
#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

namespace amphora::detail {
class RowAccess;  // puts a row into a RowView; engine/database
class RowCursor;  // a scan that is being walked; engine/database
}  // namespace amphora::detail

namespace amphora {

/// A row in the store's memory, not copied. Valid while its snapshot or transaction lives, until
/// the range that returned it is moved, and, in a transaction, until the row is written again.
class RowView {
  public:
    RowView() = default;

    /// The column at a position of the declaration, from 0. Text points into the store's memory.
    [[nodiscard]] Cell cell(std::size_t place) const;
    /// The column by name. Throws `no_such_column`.
    [[nodiscard]] Cell operator[](std::string_view column) const;
    /// A copy of all columns. ENUM members by name.
    [[nodiscard]] Record record() const;

  private:
    friend class detail::RowAccess;

    bool shows_row_ = false;
    alignas(void*) std::array<std::byte, 48> row_{};
    std::string scratch_;
};

/// The rows of a scan, one after the other: an input range. Moving it may throw `corrupt`,
/// `snapshot_expired`, `transaction_closed`. It can be walked once: a second `begin` throws
/// `invalid_argument`.
class Rows {
  public:
    class Iterator {
      public:
        using value_type = RowView;
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::input_iterator_tag;

        const RowView& operator*() const;
        const RowView* operator->() const { return &**this; }
        Iterator& operator++();
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const;

      private:
        friend class Rows;
        explicit Iterator(detail::RowCursor* cursor) : cursor_{cursor} {}
        detail::RowCursor* cursor_;
    };

    /// Can be called once: the rows are read while the range is walked. Throws `invalid_argument`
    /// the second time. In a transaction, writing meanwhile is safe; see `Transaction`.
    [[nodiscard]] Iterator begin();
    [[nodiscard]] static std::default_sentinel_t end() { return {}; }
    /// A sentence for people: which index is walked, over which range, and what is checked row by
    /// row.
    [[nodiscard]] std::string explain() const;

  private:
    friend class Reader;
    explicit Rows(std::shared_ptr<detail::RowCursor> cursor);
    [[nodiscard]] detail::RowCursor& cursor() const;
    std::shared_ptr<detail::RowCursor> cursor_;
};

}  // namespace amphora

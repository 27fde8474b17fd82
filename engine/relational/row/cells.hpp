#pragma once

#include "base/assert.hpp"

#include <amphora/cell.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace amphora::relational {

/// Some cells while a statement works on them. On the stack if there are no more than
/// `inline_count`.
template <std::size_t inline_count>
class CellArray {
  public:
    explicit CellArray(std::size_t count) : count_{count} {
        if (count > inline_.size()) heap_ = std::make_unique<Cell[]>(count);
    }
    CellArray(const CellArray&) = delete;
    CellArray& operator=(const CellArray&) = delete;

    [[nodiscard]] Cell& operator[](std::size_t i) noexcept { return begin()[i]; }
    [[nodiscard]] const Cell& operator[](std::size_t i) const noexcept { return begin()[i]; }
    [[nodiscard]] std::size_t size() const noexcept { return count_; }
    [[nodiscard]] Cell* begin() noexcept { return heap_ ? heap_.get() : inline_.data(); }
    [[nodiscard]] const Cell* begin() const noexcept {
        return heap_ ? heap_.get() : inline_.data();
    }
    [[nodiscard]] Cell* end() noexcept { return begin() + count_; }
    [[nodiscard]] const Cell* end() const noexcept { return begin() + count_; }
    [[nodiscard]] std::span<const Cell> all() const noexcept { return {begin(), count_}; }

  private:
    std::size_t count_;
    std::unique_ptr<Cell[]> heap_;
    std::array<Cell, inline_count> inline_;
};

using RowCells = CellArray<12>;
using KeyCells = CellArray<3>;

/// The cells at some positions of a row, in the order of the positions.
template <class Source>
class PickedCells {
  public:
    PickedCells(const Source& row, std::span<const std::uint32_t> places) : cells_{places.size()} {
        for (std::size_t i = 0; i < places.size(); ++i) cells_[i] = row.cell(places[i]);
    }
    [[nodiscard]] std::span<const Cell> all() const noexcept { return cells_.all(); }

  private:
    KeyCells cells_;
};

/// A whole row as cells, read by position.
class CellRow {
  public:
    explicit CellRow(std::span<const Cell> cells) noexcept : cells_{cells} {}
    [[nodiscard]] const Cell& cell(std::uint32_t place) const noexcept { return cells_[place]; }

  private:
    std::span<const Cell> cells_;
};

}  // namespace amphora::relational

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace amphora::console {

/// Columns a text takes in a terminal: East Asian wide characters take two, combining ones none.
[[nodiscard]] std::size_t display_width(std::string_view utf8) noexcept;

/// Rows of text under a header, aligned:
///
///   name             rows
///   users           5,000
///   activity_logs  12,345
class TextTable {
  public:
    enum class Align : bool { left, right };
    struct Column {
        std::string title;
        Align align = Align::left;
    };

    explicit TextTable(std::vector<Column> columns) : columns_{std::move(columns)} {}

    /// One cell for each column; control characters are shown escaped, long text is cut with "…".
    void add(std::vector<std::string> cells);
    [[nodiscard]] std::size_t rows() const noexcept { return rows_.size(); }
    /// All lines, each with its end.
    [[nodiscard]] std::string text(std::string_view indent = "") const;

    static constexpr std::size_t cell_width_max = 60;

  private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace amphora::console

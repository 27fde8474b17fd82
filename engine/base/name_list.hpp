#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace amphora {

/// The names that exist, for a message about one that does not: "users, orders", or "none". Of many
/// names only the first are listed: "a1, a2, ..., a30 and 12 more".
class NameList {
  public:
    NameList() = default;
    /// Of every element: `NameList{table.columns, &Column::name}`.
    template <class Range, class Name>
    NameList(Range&& range, Name name) {
        for (const auto& one : range) add(std::invoke(name, one));
    }

    void add(std::string_view name);
    [[nodiscard]] std::string text() const;

  private:
    std::string text_;
    std::size_t count_ = 0;
};

}  // namespace amphora

#include "base/name_list.hpp"

#include <fmt/format.h>

namespace amphora {

namespace {

constexpr std::size_t names_max = 30;

}  // namespace

void NameList::add(std::string_view name) {
    ++count_;
    if (count_ > names_max) return;
    if (count_ > 1) text_ += ", ";
    text_ += name;
}

std::string NameList::text() const {
    if (count_ == 0) return "none";
    if (count_ <= names_max) return text_;
    return fmt::format("{} and {} more", text_, count_ - names_max);
}

}  // namespace amphora

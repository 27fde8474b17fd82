#include "tree/lmdb/foreign/view_pages.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::lmdb {

void ViewPages::read(std::uint64_t number, DataPage::Kind kind, Place& place) const {
    const bool is_branch = kind == DataPage::Kind::branch;
    if (is_branch) {
        place.page = cache_.find(number);
        if (place.page != nullptr) return;
    }
    if (number < 2 || number > meta_.last_page) fail(number, "is used and cannot exist");
    std::string problem;
    std::optional<DataPage> page = DataPage::read(file_, meta_, number, problem);
    if (!page) fail(number, problem);
    if (page->kind() != kind) fail(number, is_branch ? "is no branch" : "is no leaf");
    if (!page->is_sound(problem)) fail(number, problem);
    place.own = std::make_unique<const DataPage>(std::move(*page));
    if (is_branch) place.page = cache_.keep(place.own);
    if (place.page == nullptr || !is_branch) place.page = place.own.get();
}

DataPage::Node ViewPages::node(const DataPage& page, std::size_t index) const {
    std::string problem;
    const std::optional<DataPage::Node> node = page.node(index, problem);
    if (!node) fail(page.number(), problem);
    return *node;
}

Buffer ViewPages::read_overflow(const DataPage& page, const DataPage::Node& entry) const {
    const auto first = number_at<std::uint64_t>(entry.value, 0);
    const std::uint64_t count = DataPage::overflow_pages(meta_, entry.value_bytes);
    // Tested before memory for the value is allocated.
    if (first < 2 || first > meta_.last_page || count > meta_.last_page - first + 1) {
        fail(page.number(), fmt::format("names overflow page {}, which cannot exist", first));
    }
    std::string problem;
    std::optional<Buffer> value =
        DataPage::read_overflow(file_, meta_, first, entry.value_bytes, problem);
    if (!value) fail(first, problem);
    return std::move(*value);
}

void ViewPages::fail(std::uint64_t page, const std::string& what) const {
    throw Error{ErrorCode::corrupt,
                fmt::format("{}: page {} (offset {}) {}; run a check and restore the tree from a "
                            "backup",
                            file_.path(), page, page * meta_.page_bytes, what)};
}

}  // namespace amphora::lmdb

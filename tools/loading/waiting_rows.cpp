#include "loading/waiting_rows.hpp"

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/strong_components.hpp>

#include <algorithm>
#include <utility>

namespace amphora::loading {

namespace {

/// Memory of a map entry and its vector, in addition to the row itself.
constexpr std::uint64_t entry_bytes = 128;

std::uint64_t bytes_of(const Buffer& parent, const CsvRow& row) noexcept {
    return row.bytes_in_memory() + parent.size() + entry_bytes;
}

bool comes_first(const CsvRow& left, const CsvRow& right) noexcept {
    return left.line < right.line;
}

}  // namespace

bool WaitingRows::add(const Buffer& parent, CsvRow& row) {
    const std::uint64_t bytes = bytes_of(parent, row);
    if (bytes > bytes_max_ - bytes_) return false;
    bytes_ += bytes;
    by_parent_[parent].push_back(std::move(row));
    return true;
}

std::vector<CsvRow> WaitingRows::release(const Buffer& parent) {
    const auto found = by_parent_.find(parent);
    if (found == by_parent_.end()) return {};
    std::vector<CsvRow> rows = std::move(found->second);
    by_parent_.erase(found);
    for (const CsvRow& row : rows) bytes_ -= bytes_of(parent, row);
    std::sort(rows.begin(), rows.end(), comes_first);
    return rows;
}

std::vector<CsvRow> WaitingRows::release_all() {
    std::vector<CsvRow> rows;
    for (auto& [parent, waiting] : by_parent_) {
        std::move(waiting.begin(), waiting.end(), std::back_inserter(rows));
    }
    by_parent_.clear();
    bytes_ = 0;
    std::sort(rows.begin(), rows.end(), comes_first);
    return rows;
}

std::vector<std::vector<std::size_t>> group_by_circle(
    const std::vector<std::vector<std::size_t>>& parents) {
    boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS> graph{parents.size()};
    for (std::size_t row = 0; row < parents.size(); ++row) {
        for (const std::size_t parent : parents[row]) boost::add_edge(row, parent, graph);
    }
    // Tarjan's algorithm numbers a component after all components that it refers to: parents first.
    std::vector<std::size_t> group_of(parents.size());
    const std::size_t count = boost::strong_components(
        graph, boost::make_iterator_property_map(group_of.begin(),
                                                 boost::get(boost::vertex_index, graph)));
    std::vector<std::vector<std::size_t>> groups(count);
    for (std::size_t row = 0; row < parents.size(); ++row) groups[group_of[row]].push_back(row);
    return groups;
}

}  // namespace amphora::loading

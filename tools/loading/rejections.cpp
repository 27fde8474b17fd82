#include "loading/rejections.hpp"

#include <algorithm>
#include <utility>

namespace amphora::loading {

namespace {

bool is_earlier(const Rejection& left, const Rejection& right) noexcept {
    return left.line < right.line;
}

}  // namespace

void Rejections::add(std::uint64_t line, std::string reason) {
    ++count_;
    heap_.push_back({line, std::move(reason)});
    std::push_heap(heap_.begin(), heap_.end(), is_earlier);
    if (heap_.size() <= kept_max_) return;
    std::pop_heap(heap_.begin(), heap_.end(), is_earlier);
    heap_.pop_back();
}

std::vector<Rejection> Rejections::kept() const {
    std::vector<Rejection> kept = heap_;
    std::stable_sort(kept.begin(), kept.end(), is_earlier);
    return kept;
}

}  // namespace amphora::loading

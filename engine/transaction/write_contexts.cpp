#include "transaction/write_contexts.hpp"

#include "base/assert.hpp"

namespace amphora::transaction {

std::optional<std::size_t> WriteContexts::find(const outbox::Context& given) const noexcept {
    for (std::size_t number = 0; number < contexts_.size() && number < first_ones; ++number) {
        if (context(number) == given) return number;
    }
    if (!contexts_.empty() && context(contexts_.size() - 1) == given) return contexts_.size() - 1;
    return std::nullopt;
}

std::size_t WriteContexts::set(const outbox::Context& context, std::uint64_t stamp,
                               std::size_t room) {
    if (periods_.empty() && context == outbox::Context{}) return 0;
    if (contexts_.size() + 2 > contexts_.capacity()) contexts_.reserve(2 * contexts_.size() + 4);
    if (periods_.size() + 2 > periods_.capacity()) periods_.reserve(2 * periods_.size() + 4);
    if (periods_.empty()) {
        // The writes before the first call have the empty one.
        contexts_.push_back({});
        periods_.push_back({});
    }
    if (const auto number = find(context)) {
        begin_period(*number, stamp);
        return 0;
    }
    Place place{.at = texts_.size(), .sizes = {}};
    const std::array texts{context.origin, context.correlation, context.causation};
    std::size_t bytes = texts.size();  // of their sizes
    for (std::size_t i = 0; i < texts.size(); ++i) {
        AMPHORA_DEBUG_ASSERT(texts[i].size() <= outbox::context_text_bytes_max);
        place.sizes[i] = static_cast<std::uint8_t>(texts[i].size());
        bytes += texts[i].size();
    }
    if (bytes > room) return bytes;
    for (const Bytes text : texts) texts_.append(text);
    contexts_.push_back(place);
    begin_period(contexts_.size() - 1, stamp);
    return bytes;
}

/// There is room.
void WriteContexts::begin_period(std::size_t number, std::uint64_t stamp) {
    if (periods_.back().after == stamp) {
        periods_.back().number = number;
    } else if (periods_.back().number != number) {
        periods_.push_back({.after = stamp, .number = number});
    }
}

std::vector<std::uint32_t> WriteContexts::numbers_up_to(std::uint64_t last) const {
    std::vector<std::uint32_t> numbers(static_cast<std::size_t>(last) + 1, 0);
    for (std::size_t i = 0; i < periods_.size(); ++i) {
        const std::uint64_t end = i + 1 < periods_.size() ? periods_[i + 1].after : last;
        for (std::uint64_t stamp = periods_[i].after + 1; stamp <= end; ++stamp) {
            numbers[static_cast<std::size_t>(stamp)] =
                static_cast<std::uint32_t>(periods_[i].number);
        }
    }
    return numbers;
}

outbox::Context WriteContexts::context(std::size_t number) const noexcept {
    const Place& place = contexts_[number];
    Bytes rest = Bytes{texts_}.substr(place.at);
    const auto take = [&](std::size_t size) {
        const Bytes text = rest.substr(0, size);
        rest.remove_prefix(size);
        return text;
    };
    outbox::Context context;
    context.origin = take(place.sizes[0]);
    context.correlation = take(place.sizes[1]);
    context.causation = take(place.sizes[2]);
    return context;
}

void WriteContexts::clear() noexcept {
    if (periods_.empty()) return;
    periods_.clear();
    contexts_.clear();
    texts_.clear();
}

}  // namespace amphora::transaction

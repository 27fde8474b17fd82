#include "transaction/write_contexts.hpp"

#include "codec/bytes_io.hpp"
#include "codec/varint.hpp"

#include <algorithm>
#include <iterator>

namespace amphora::transaction {

std::string WriteContexts::joined(const outbox::Context& context) {
    std::string all;
    all.reserve(context.origin.size() + context.correlation.size() + context.causation.size() +
                3 * codec::varint_bytes_max);
    for (const Bytes text : {context.origin, context.correlation, context.causation}) {
        codec::append_counted(all, text);
    }
    return all;
}

std::size_t WriteContexts::bytes_for(const outbox::Context& context) const {
    if (context == outbox::Context{} || numbers_.contains(joined(context))) return 0;
    constexpr std::size_t sizes_bytes = 3;
    return context.origin.size() + context.correlation.size() + context.causation.size() +
           sizes_bytes;
}

std::size_t WriteContexts::number_of(const outbox::Context& context) {
    if (contexts_.size() == contexts_.capacity()) contexts_.reserve(2 * contexts_.size() + 4);
    const auto [entry, is_new] = numbers_.try_emplace(joined(context), contexts_.size());
    if (is_new) contexts_.push_back(&entry->first);
    return entry->second;
}

void WriteContexts::set(const outbox::Context& context, std::uint64_t stamp) {
    if (periods_.empty() && context == outbox::Context{}) return;
    if (periods_.capacity() < periods_.size() + 2) periods_.reserve(2 * periods_.size() + 4);
    if (periods_.empty()) periods_.push_back({.after = 0, .number = number_of({})});
    const std::size_t number = number_of(context);
    if (periods_.back().after == stamp) {
        periods_.back().number = number;
    } else if (periods_.back().number != number) {
        periods_.push_back({.after = stamp, .number = number});
    }
}

std::size_t WriteContexts::number_at(std::uint64_t stamp) const noexcept {
    const auto later =
        std::partition_point(periods_.begin(), periods_.end(),
                             [&](const Period& period) { return period.after < stamp; });
    return std::prev(later)->number;
}

outbox::Context WriteContexts::context(std::size_t number) const noexcept {
    Bytes rest{*contexts_[number]};
    const auto take = [&] {
        std::uint64_t size = 0;
        [[maybe_unused]] const bool is_good = codec::take_varint(rest, size);
        const Bytes text = rest.substr(0, static_cast<std::size_t>(size));
        rest.remove_prefix(text.size());
        return text;
    };
    outbox::Context context;
    context.origin = take();
    context.correlation = take();
    context.causation = take();
    return context;
}

void WriteContexts::clear() noexcept {
    if (periods_.empty()) return;
    periods_.clear();
    contexts_.clear();
    numbers_.clear();
}

}  // namespace amphora::transaction

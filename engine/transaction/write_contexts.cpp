#include "transaction/write_contexts.hpp"

#include "codec/bytes_io.hpp"
#include "codec/varint.hpp"

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

std::size_t WriteContexts::set(const outbox::Context& context, std::uint64_t stamp,
                               std::size_t room) {
    const bool is_empty = context == outbox::Context{};
    if (periods_.empty() && is_empty) return 0;
    if (contexts_.size() + 2 > contexts_.capacity()) contexts_.reserve(2 * contexts_.size() + 4);
    if (periods_.size() + 2 > periods_.capacity()) periods_.reserve(2 * periods_.size() + 4);
    if (periods_.empty()) {
        // The writes before the first call have the empty one.
        contexts_.push_back(&numbers_.try_emplace(joined({}), 0).first->first);
        periods_.push_back({.after = 0, .number = 0});
    }
    const auto [entry, is_new] = numbers_.try_emplace(joined(context), contexts_.size());
    std::size_t bytes = 0;
    if (is_new) {
        constexpr std::size_t sizes_bytes = 3;
        bytes = context.origin.size() + context.correlation.size() + context.causation.size() +
                sizes_bytes;
        if (bytes > room) {
            numbers_.erase(entry);
            return bytes;
        }
        contexts_.push_back(&entry->first);
    }
    begin_period(entry->second, stamp);
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

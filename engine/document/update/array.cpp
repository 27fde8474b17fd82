#include "base/assert.hpp"
#include "codec/bson/order.hpp"
#include "document/collection/declared_field.hpp"
#include "document/update/action.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>

/// $push, $addToSet, $pull, $pullAll and $pop.
namespace amphora::document {

namespace {

using Operator = UpdateAction::Operator;
using Elements = std::vector<MutableField>;

bool equals(const MutableValue& element, BsonView value) {
    Buffer scratch;
    return codec::compare(element.view(scratch), value) == 0;
}

/// The value at the path of a $sort in an element; null if there is none.
BsonView sort_value(const PushModifiers::Key& key, BsonView element) {
    if (key.path.size() == 0) return element;
    const std::optional<DocumentView> document = element.as_document();
    if (!document) return {};
    return document->find(key.path.dotted()).value_or(BsonView{});
}

void sort(const std::vector<PushModifiers::Key>& keys, Elements& elements) {
    std::ranges::stable_sort(elements, [&](const MutableField& left, const MutableField& right) {
        Buffer left_scratch;
        Buffer right_scratch;
        const BsonView one = left.value.view(left_scratch);
        const BsonView other = right.value.view(right_scratch);
        for (const PushModifiers::Key& key : keys) {
            const auto order = codec::compare(sort_value(key, one), sort_value(key, other));
            if (order != 0) return key.descending ? order > 0 : order < 0;
        }
        return false;
    });
}

/// The index that a position means: from the front or, if negative, from the end.
std::size_t place_of(std::int64_t position, std::size_t size) {
    const auto count = static_cast<std::int64_t>(size);
    if (position < 0) return position <= -count ? 0 : static_cast<std::size_t>(count + position);
    return static_cast<std::size_t>(std::min(position, count));
}

void slice(std::int64_t slice, Elements& elements) {
    const auto count = static_cast<std::int64_t>(elements.size());
    if (slice >= 0) {
        elements.resize(static_cast<std::size_t>(std::min(slice, count)));
    } else if (slice > -count) {
        elements.erase(elements.begin(), elements.end() + slice);
    }
}

void push(const UpdateAction& action, Elements& elements) {
    const PushModifiers& modifiers = action.modifiers;
    Elements added;
    for (const BsonView value : action.values) added.push_back({{}, MutableValue{value}});
    const std::size_t place =
        modifiers.position ? place_of(*modifiers.position, elements.size()) : elements.size();
    elements.insert(elements.begin() + static_cast<std::ptrdiff_t>(place), added.begin(),
                    added.end());
    if (!modifiers.sort.empty()) sort(modifiers.sort, elements);
    if (modifiers.slice) slice(*modifiers.slice, elements);
}

void add_to_set(const UpdateAction& action, Elements& elements) {
    for (const BsonView value : action.values) {
        const auto is_there = [&](const MutableField& element) {
            return equals(element.value, value);
        };
        if (std::ranges::none_of(elements, is_there)) {
            elements.push_back({{}, MutableValue{value}});
        }
    }
}

bool is_pulled(const UpdateAction& action, const MutableValue& element) {
    if (action.operation == Operator::pull_all) {
        return std::ranges::any_of(action.values,
                                   [&](BsonView value) { return equals(element, value); });
    }
    if (!action.pattern) return equals(element, action.operand);
    Buffer scratch;
    const BsonView value = element.view(scratch);
    if (!action.pattern_of_documents) {
        return action.pattern->matches(Document{{"", BsonValue{value}}});
    }
    return value.is_document() && action.pattern->matches(*value.as_document());
}

}  // namespace

void apply_to_array(const UpdateAction& action, MutableValue& root) {
    const bool adds =
        action.operation == Operator::push || action.operation == Operator::add_to_set;
    MutableValue* target = find_at(root, action.path);
    if (target == nullptr) {
        if (action.operation == Operator::pop && is_blocked(root, action.path)) {
            throw Error{ErrorCode::type_mismatch,
                        fmt::format("update: $pop of {}: the path leads through something that has "
                                    "no fields",
                                    action.path.dotted())};
        }
        if (!adds) return;
        target = &make_at(root, action.path);
        *target = MutableValue::empty(BsonType::array);
    }
    if (!target->is_array()) {
        Buffer scratch;
        throw Error{ErrorCode::type_mismatch,
                    fmt::format("update: field {}: {} is no array", action.path.dotted(),
                                describe(target->view(scratch)))};
    }
    Elements& elements = target->fields();
    switch (action.operation) {
        case Operator::push:
            push(action, elements);
            return;
        case Operator::add_to_set:
            add_to_set(action, elements);
            return;
        case Operator::pop:
            if (!elements.empty()) {
                elements.erase(action.at_front ? elements.begin() : elements.end() - 1);
            }
            return;
        default:
            std::erase_if(elements, [&](const MutableField& element) {
                return is_pulled(action, element.value);
            });
    }
}

}  // namespace amphora::document

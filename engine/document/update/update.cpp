#include "document/update/update.hpp"

#include "base/assert.hpp"
#include "codec/bson/order.hpp"
#include "document/update/action.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <deque>

namespace amphora::document {

namespace {

using Operator = UpdateAction::Operator;

[[noreturn]] void refuse_id() {
    throw Error{ErrorCode::invalid_argument, "update: the _id of a document cannot change"};
}

/// The path leads through something that has no fields; MongoDB's error 28.
void require_way(const UpdateAction& action, MutableValue& root, const FieldPath& path) {
    if (!is_blocked(root, path)) return;
    throw Error{ErrorCode::type_mismatch,
                fmt::format("update: $rename of {} to {}: path {} leads through something that has "
                            "no fields",
                            action.source.dotted(), action.path.dotted(), path.dotted())};
}

void rename(const UpdateAction& action, MutableValue& root) {
    require_way(action, root, action.source);
    MutableValue* source = find_at(root, action.source);
    if (source == nullptr) return;
    if (action.source.part(0) == "_id" || action.path.part(0) == "_id") refuse_id();
    if (meets_array(root, action.source) || meets_array(root, action.path)) {
        throw Error{ErrorCode::type_mismatch,
                    fmt::format("update: $rename of {} to {}: an element of an array has no name",
                                action.source.dotted(), action.path.dotted())};
    }
    require_way(action, root, action.path);
    MutableValue moved = std::move(*source);
    remove_at(root, action.source);
    make_at(root, action.path) = std::move(moved);
}

/// $min and $max: the smaller or larger of both, in the order of all values.
void bound(const UpdateAction& action, MutableValue& root) {
    MutableValue* stored = find_at(root, action.path);
    if (stored != nullptr) {
        Buffer scratch;
        const auto order = codec::compare(action.operand, stored->view(scratch));
        if (action.operation == Operator::minimum ? order >= 0 : order <= 0) return;
    }
    make_at(root, action.path) = MutableValue{action.operand};
}

BsonValue current(const UpdateAction& action, std::int64_t now_ms) {
    if (!action.timestamp) return BsonValue::date_ms(now_ms);
    return Timestamp{static_cast<std::uint32_t>(now_ms / 1000), 1};
}

void apply_action(const UpdateAction& action, MutableValue& root, std::int64_t now_ms,
                  std::deque<BsonValue>& made) {
    switch (action.operation) {
        case Operator::set:
            make_at(root, action.path) = MutableValue{action.operand};
            return;
        case Operator::unset:
            remove_at(root, action.path);
            return;
        case Operator::increment:
        case Operator::multiply:
            apply_number(action, root, made);
            return;
        case Operator::minimum:
        case Operator::maximum:
            bound(action, root);
            return;
        case Operator::rename:
            rename(action, root);
            return;
        case Operator::push:
        case Operator::add_to_set:
        case Operator::pull:
        case Operator::pull_all:
        case Operator::pop:
            apply_to_array(action, root);
            return;
        case Operator::current_date:
            make_at(root, action.path) = MutableValue{made.emplace_back(current(action, now_ms))};
            return;
        case Operator::set_on_insert:
            return;
    }
    AMPHORA_ASSERT(!"every operator is handled above");
}

}  // namespace

struct Update::Parsed {
    explicit Parsed(const Document& change) : text{change} {
        replacement = text.empty() || !text.begin()->name.starts_with('$');
        if (!replacement) {
            actions = parse_update(text);
            return;
        }
        for (const Element& element : text) {
            if (!element.name.starts_with('$')) continue;
            throw Error{ErrorCode::invalid_argument,
                        fmt::format("update: {} is among fields; operators and fields cannot "
                                    "be mixed",
                                    element.name)};
        }
    }
    Document text;
    std::vector<UpdateAction> actions;
    bool replacement = false;
};

Update::Update(const Document& change) : parsed_{std::make_shared<const Parsed>(change)} {}

Update Update::at(std::int64_t now_ms) const {
    if (!parsed_->text.has_now()) return *this;
    return Update{parsed_->text.with_now(now_ms)};
}

Document Update::apply(DocumentView document, std::int64_t now_ms) const {
    if (parsed_->text.has_now()) return at(now_ms).apply(document, now_ms);
    const std::optional<BsonView> id = document.field("_id");
    Buffer bytes;
    if (parsed_->replacement) {
        codec::BsonWriter writer{bytes};
        const codec::BsonWriter::Open open = writer.begin_document();
        if (id) writer.element("_id", *id);
        for (const Element& element : parsed_->text) {
            if (element.name != "_id") {
                writer.element(element.name, element.value);
            } else if (id && codec::compare(*id, element.value) != 0) {
                refuse_id();
            }
        }
        writer.end(open);
        return Document{DocumentView{bytes}};
    }
    MutableValue root{BsonView{BsonType::document, document.bytes()}};
    std::deque<BsonValue> made;
    for (const UpdateAction& action : parsed_->actions) {
        apply_action(action, root, now_ms, made);
    }
    root.write(bytes, 1);
    Document after{DocumentView{bytes}};
    const std::optional<BsonView> id_after = after.field("_id");
    if (!id) return after;
    if (!id_after || codec::compare(*id, *id_after) != 0) refuse_id();
    // An _id of 1.0 equals the _id 1, which keeps its type, as in a replacement.
    if (*id_after != *id) after.set("_id", BsonValue{*id});
    return after;
}

bool Update::names(std::string_view field) const {
    if (parsed_->replacement) return parsed_->text.field(field).has_value();
    return std::ranges::any_of(parsed_->actions, [&](const UpdateAction& action) {
        return action.path.part(0) == field ||
               (action.operation == Operator::rename && action.source.part(0) == field);
    });
}

bool Update::is_replacement() const noexcept {
    return parsed_->replacement;
}

}  // namespace amphora::document

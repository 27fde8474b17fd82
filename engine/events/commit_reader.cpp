#include "events/commit_reader.hpp"

#include "catalog/evolution/stored_catalog.hpp"
#include "codec/bytes_io.hpp"

#include <amphora/document.hpp>
#include <amphora/error.hpp>

#include <fmt/format.h>

#include <utility>

namespace amphora::events {

namespace {

SpaceId space_of(Bytes key) noexcept {
    return SpaceId{key.size() < sizeof(std::uint32_t) ? 0 : codec::load_big32(key.data())};
}

}  // namespace

void CommitReader::begin(const journal::Entry& entry) {
    has_next_ = false;
    record_.emplace(entry.record, entry.sequence);
    rows_ = record_->changes_of(TreeId::relational);
    documents_ = record_->changes_of(TreeId::documents);
    events_ = record_->all_events();
    then_ = &history_.at(entry.sequence, *record_);
    commit_ = {.epoch = entry.epoch, .sequence = entry.sequence};
    time_us_ = entry.time_us;
    index_ = 0;
    has_next_ = look_ahead(slots_[ahead_]);
}

const CommitChange* CommitReader::next() {
    if (!has_next_) return nullptr;
    CommitChange& change = slots_[ahead_].change;
    ahead_ = 1 - ahead_;
    has_next_ = look_ahead(slots_[ahead_]);
    change.is_last = !has_next_;
    return &change;
}

bool CommitReader::look_ahead(Slot& slot) {
    slot.change = {.commit = commit_, .time_us = time_us_, .index = index_ + 1};
    const auto refer = [&](std::size_t context) {
        if (!record_->contexts().empty()) slot.change.context = record_->contexts()[context];
        ++index_;
        return true;
    };
    outbox::Change stored;
    while (rows_.next(stored)) {
        if (take(stored, TreeId::relational, slot)) return refer(stored.context);
    }
    while (documents_.next(stored)) {
        if (take(stored, TreeId::documents, slot)) return refer(stored.context);
    }
    outbox::Record::Event event;
    if (!events_.next(event)) return false;
    take_event(event, slot);
    return refer(event.context);
}

bool CommitReader::take(const outbox::Change& stored, TreeId tree, Slot& slot) const {
    const SpaceId space = space_of(stored.key);
    if (tree == TreeId::relational && space == space_catalog) {
        const bool is_entry =
            stored.key != catalog::stored::header_key() && !catalog::stored::changed_by(stored.key);
        if (!stored.value || !is_entry) return false;
        take_definition(stored, slot);
        return true;
    }
    const Sources::Source* const source = history_.newest().find(space);
    if (source == nullptr || (source->table != nullptr) != (tree == TreeId::relational)) {
        return false;
    }
    const bool existed = stored.before == outbox::Before::present;
    if (!stored.value && !existed) return false;
    CommitChange& change = slot.change;
    change.kind = !stored.value ? ChangeKind::erase
                  : existed     ? ChangeKind::update
                                : ChangeKind::insert;
    change.table = source->table;
    if (then_ != &history_.newest()) {
        const Sources::Source* const then = then_->find(space);
        change.table_then = then == nullptr ? nullptr : then->table;
    }
    change.collection = source->collection;
    change.name = source->name;
    change.is_system = source->is_system;
    change.key = stored.key;
    change.after = stored.value;
    change.before = stored.state_before;
    return true;
}

void CommitReader::take_definition(const outbox::Change& stored, Slot& slot) const {
    catalog::stored::Entry entry = catalog::stored::decode_entry(*stored.value);
    slot.name = std::move(entry.name);
    slot.text = std::move(entry.text);
    slot.change.kind = ChangeKind::schema;
    slot.change.name = slot.name;
    slot.change.is_system = is_system_name(slot.name);
    slot.change.after = slot.text;
}

void CommitReader::take_event(const outbox::Record::Event& event, Slot& slot) const {
    std::optional<std::string_view> name;
    OptionalDocument document;
    for (const auto& element : DocumentView{event.bytes}) {
        if (element.name == "topic") name = element.value.as_text();
        if (element.name == "payload") document = element.value.as_document();
    }
    if (!name || !document) {
        throw Error{
            ErrorCode::corrupt,
            fmt::format("commit {}: an event has no topic or no payload; check the journal, "
                        "and restore a backup",
                        number(commit_.sequence))};
    }
    slot.change.kind = ChangeKind::event;
    slot.change.name = *name;
    slot.change.is_system = is_system_name(*name);
    slot.change.after = document->bytes();
}

}  // namespace amphora::events

// What transactions do to documents, and to things outside of both stores.

#include "workload/operations.hpp"
#include "workload/reading.hpp"
#include "workload/schema.hpp"

#include <algorithm>

namespace amphora::workload {
namespace {

constexpr std::size_t notes_max = 32;
constexpr std::size_t pictures_max = 12;
constexpr std::uint64_t tags = 6;

Note any_note(Step& step, std::int64_t id, std::int64_t owner) {
    Note note;
    note.owner = owner;
    note.slug = step.own("slug", id);
    note.count = static_cast<std::int64_t>(step.dice.below(10));
    for (std::uint64_t tag = step.dice.below(4); tag > 0; --tag) {
        note.tags.push_back(step.tag(step.dice.below(tags)));
    }
    if (step.dice.once_in(3)) note.body = filler(step.dice(), step.dice.below(2000));
    return note;
}

Picture any_picture(Step& step, std::int64_t item) {
    const bool is_large = step.dice.once_in(8) && step.large_values_left > 0;
    if (is_large) --step.large_values_left;
    return {item, step.dice() >> 1,
            is_large ? step.dice.between(90'000, 110'000) : step.dice.below(4000)};
}

void update_note(Step& step, std::int64_t id, const Document& change) {
    if (step.transaction == nullptr) return;
    step.require(step.transaction->update(notes, Id{id}, change),
                 "a note to be changed is missing");
}

void do_some(Step& step) {
    ++step.depth;
    for (std::uint64_t left = step.dice.between(1, 3); left > 0; --left) {
        choose_operation(step.dice).run(step);
    }
    --step.depth;
}

}  // namespace

void insert_note(Step& step) {
    const auto owner = step.some(step.model.owners);
    if (owner == step.model.owners.end()) return insert_owner(step);
    if (step.model.notes.size() >= notes_max) return erase_note(step);
    const std::int64_t id = step.next_id();
    const Note note = any_note(step, id, owner->first);
    if (step.transaction != nullptr) step.transaction->insert(notes, document_of(id, note));
    step.model.notes[id] = note;
}

void put_note(Step& step) {
    const auto old = step.some(step.model.notes);
    if (old == step.model.notes.end()) return insert_note(step);
    const Note note = any_note(step, old->first, step.some(step.model.owners)->first);
    if (step.transaction != nullptr) step.transaction->put(notes, document_of(old->first, note));
    old->second = note;
}

void set_note(Step& step) {
    const auto note = step.some(step.model.notes);
    if (note == step.model.notes.end()) return insert_note(step);
    if (note->second.body && step.dice.once_in(2)) {
        update_note(step, note->first, {{"$unset", Document{{"body", ""}}}});
        note->second.body.reset();
        return;
    }
    note->second.body = filler(step.dice(), step.dice.below(2000));
    note->second.slug = step.own("slug", step.next_id());
    update_note(step, note->first,
                {{"$set", Document{{"body", *note->second.body}, {"slug", note->second.slug}}}});
}

void increase_note(Step& step) {
    const auto note = step.some(step.model.notes);
    if (note == step.model.notes.end()) return insert_note(step);
    const auto amount = static_cast<std::int64_t>(step.dice.between(1, 5));
    note->second.count += amount;
    note->second.stars = note->second.stars.value_or(0) + 1;
    update_note(step, note->first,
                {{"$inc", Document{{"count", amount}, {"stars", std::int64_t{1}}}}});
}

void push_tag(Step& step) {
    const auto note = step.some(step.model.notes);
    if (note == step.model.notes.end()) return insert_note(step);
    if (note->second.tags.size() > 8) return erase_note(step);
    note->second.tags.push_back(step.tag(step.dice.below(tags)));
    update_note(step, note->first, {{"$push", Document{{"tags", note->second.tags.back()}}}});
}

void increase_notes_of_owner(Step& step) {
    const auto owner = step.some(step.model.owners);
    if (owner == step.model.owners.end()) return insert_owner(step);
    std::uint64_t changed = 0;
    for (auto& [id, note] : step.model.notes) {
        if (note.owner != owner->first) continue;
        ++note.count;
        ++changed;
    }
    if (step.transaction != nullptr) {
        const std::uint64_t seen = step.transaction->update_all(
            notes, {{"owner_id", owner->first}}, {{"$inc", Document{{"count", std::int64_t{1}}}}});
        step.require(seen == changed, "an update of all notes of an owner met another number");
    }
}

void erase_note(Step& step) {
    const auto note = step.some(step.model.notes);
    if (note == step.model.notes.end()) return insert_note(step);
    if (step.transaction != nullptr) {
        step.require(step.transaction->erase(notes, Id{note->first}),
                     "a note to be erased is missing");
    }
    step.model.notes.erase(note);
}

void erase_notes_by_tag(Step& step) {
    const std::string tag = step.tag(step.dice.below(tags));
    const std::uint64_t erased = std::erase_if(step.model.notes, [&](const auto& each) {
        return std::ranges::find(each.second.tags, tag) != each.second.tags.end();
    });
    if (step.transaction != nullptr) {
        step.require(step.transaction->erase_all(notes, {{"tags", tag}}) == erased,
                     "erasing all notes with a tag met another number");
    }
}

void insert_picture(Step& step) {
    const auto item = step.some(step.model.items);
    if (item == step.model.items.end()) return insert_item(step);
    if (step.model.pictures.size() >= pictures_max) return erase_picture(step);
    const std::int64_t id = step.next_id();
    const Picture picture = any_picture(step, item->first);
    if (step.transaction != nullptr) step.transaction->insert(pictures, document_of(id, picture));
    step.model.pictures[id] = picture;
}

void put_picture(Step& step) {
    const auto old = step.some(step.model.pictures);
    if (old == step.model.pictures.end()) return insert_picture(step);
    old->second = any_picture(step, step.some(step.model.items)->first);
    if (step.transaction != nullptr) {
        step.transaction->put(pictures, document_of(old->first, old->second));
    }
}

void erase_picture(Step& step) {
    const auto picture = step.some(step.model.pictures);
    if (picture == step.model.pictures.end()) return insert_picture(step);
    if (step.transaction != nullptr) {
        step.require(step.transaction->erase(pictures, Id{picture->first}),
                     "a picture to be erased is missing");
    }
    step.model.pictures.erase(picture);
}

void publish_event(Step& step) {
    const std::string text = filler(step.dice(), step.dice.below(300));
    if (step.transaction != nullptr) {
        step.transaction->publish("workload.event",
                                  {{"thread", step.model.thread}, {"text", text}});
    }
}

void undo_some(Step& step) {
    if (step.depth > 1) return;
    const Model before = step.model;
    if (step.transaction != nullptr) {
        const Transaction::Savepoint savepoint = step.transaction->savepoint();
        do_some(step);
        step.transaction->rollback_to(savepoint);
    } else {
        do_some(step);
    }
    step.model = before;
}

void read_back(Step& step) {
    const auto owner = step.some(step.model.owners);
    const auto note = step.some(step.model.notes);
    if (step.transaction == nullptr) return;
    if (owner != step.model.owners.end()) {
        const auto row = step.transaction->find(owners, {owner->first});
        step.require(row && owner_of(*row) == owner->second,
                     "a transaction does not read its owner as it wrote it");
    }
    if (note != step.model.notes.end()) {
        const auto document = step.transaction->find(notes, Id{note->first});
        step.require(document && note_of(*document) == note->second,
                     "a transaction does not read its note as it wrote it");
    }
}

}  // namespace amphora::workload

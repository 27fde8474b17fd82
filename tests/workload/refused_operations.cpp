// Statements that the constraints refuse. The transaction continues; nothing of them may be
// visible.

#include "workload/operations.hpp"
#include "workload/schema.hpp"

namespace amphora::workload {

void repeat_owner(Step& step) {
    const auto owner = step.some(step.model.owners);
    if (owner == step.model.owners.end()) return;
    step.refused(ErrorCode::duplicate_key, "a second owner with the same key",
                 [&](Transaction& tx) {
                     tx.insert(owners, Record{{"owner_id", owner->first}, {"name", "second"}});
                 });
}

void repeat_email(Step& step) {
    const auto owner = step.some(step.model.owners);
    const std::int64_t id = step.next_id();
    if (owner == step.model.owners.end() || !owner->second.email) return;
    step.refused(
        ErrorCode::duplicate_key, "a second owner with the same e-mail", [&](Transaction& tx) {
            tx.insert(
                owners,
                Record{{"owner_id", id}, {"name", "second"}, {"email", *owner->second.email}});
        });
}

void repeat_slug(Step& step) {
    const auto note = step.some(step.model.notes);
    const std::int64_t id = step.next_id();
    if (note == step.model.notes.end()) return;
    step.refused(ErrorCode::duplicate_key, "a second note with the same slug",
                 [&](Transaction& tx) {
                     tx.insert(notes, {{"_id", id},
                                       {"owner_id", note->second.owner},
                                       {"count", std::int64_t{0}},
                                       {"slug", note->second.slug},
                                       {"tags", Array{step.tag(0)}}});
                 });
}

void miss_parent_of_row(Step& step) {
    const std::int64_t id = step.next_id();
    step.refused(
        ErrorCode::foreign_key_violation, "an item without an owner", [&](Transaction& tx) {
            tx.insert(
                items,
                Record{{"item_id", id}, {"owner_id", step.model.end_id() - 1}, {"label", "lost"}});
        });
}

void miss_parent_of_document(Step& step) {
    const std::int64_t id = step.next_id();
    step.refused(
        ErrorCode::foreign_key_violation, "a picture without an item", [&](Transaction& tx) {
            tx.insert(pictures,
                      {{"_id", id}, {"item_id", step.model.end_id() - 1}, {"content", "lost"}});
        });
}

void break_check(Step& step) {
    const auto owner = step.some(step.model.owners);
    if (owner == step.model.owners.end()) return;
    step.refused(ErrorCode::check_violation, "a balance below nothing", [&](Transaction& tx) {
        tx.update(owners, {owner->first}, Record{{"name", "in debt"}, {"balance", -1}});
    });
}

void omit_column(Step& step) {
    const std::int64_t id = step.next_id();
    step.refused(ErrorCode::not_null_violation, "an owner without a name", [&](Transaction& tx) {
        tx.insert(owners, Record{{"owner_id", id}, {"email", step.own("mail", id)}});
    });
}

}  // namespace amphora::workload

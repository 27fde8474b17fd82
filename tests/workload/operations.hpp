#pragma once

#include "workload/step.hpp"

#include <span>
#include <string_view>

namespace amphora::workload {

/// One thing that a transaction does. An operation is written once and listed once, in
/// operations.cpp, and is then part of every run: of the model, of crashes, of power cuts and of
/// faults.
///
/// It changes the model, and the transaction in the same way if there is one. Its decisions depend
/// only on the dice and the model: the same numbers give the same change with or without a
/// database.
struct Operation {
    std::string_view name;
    std::uint32_t weight;  ///< how often, relative to the others
    void (*run)(Step& step);
};

[[nodiscard]] std::span<const Operation> operations();
/// One of them, by weight.
[[nodiscard]] const Operation& choose_operation(Dice& dice);

// Rows.
void insert_owner(Step& step);
void put_owner(Step& step);
void pay_owner(Step& step);
void change_email(Step& step);
void erase_owner(Step& step);
void insert_item(Step& step);
void change_item(Step& step);
void change_item_key(Step& step);
void erase_item(Step& step);
void insert_loan(Step& step);
void change_loan(Step& step);
void erase_loan(Step& step);
void insert_receipt(Step& step);
// Documents.
void insert_note(Step& step);
void put_note(Step& step);
void set_note(Step& step);
void increase_note(Step& step);
void push_tag(Step& step);
void increase_notes_of_owner(Step& step);
void erase_note(Step& step);
void erase_notes_by_tag(Step& step);
void insert_picture(Step& step);
void put_picture(Step& step);
void erase_picture(Step& step);
void insert_trail(Step& step);
void insert_expired_trail(Step& step);
void expire_trail(Step& step);
void revive_trail(Step& step);
void erase_trail(Step& step);
void publish_event(Step& step);
// Statements that must fail.
void repeat_owner(Step& step);
void repeat_email(Step& step);
void repeat_slug(Step& step);
void miss_parent_of_row(Step& step);
void miss_parent_of_document(Step& step);
void break_check(Step& step);
void omit_column(Step& step);
// Operations that contain others.
void undo_some(Step& step);
void read_back(Step& step);

}  // namespace amphora::workload

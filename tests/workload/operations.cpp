#include "workload/operations.hpp"

#include <array>

namespace amphora::workload {
namespace {

constexpr std::array all{
    Operation{"insert an owner", 6, insert_owner},
    Operation{"put an owner", 2, put_owner},
    Operation{"update an owner's balance", 6, pay_owner},
    Operation{"update an owner's unique column", 3, change_email},
    Operation{"erase an owner with all that hangs on it", 3, erase_owner},
    Operation{"insert an item", 6, insert_item},
    Operation{"update an item", 3, change_item},
    Operation{"update an item's primary key", 2, change_item_key},
    Operation{"erase an item with its pictures", 2, erase_item},
    Operation{"insert a loan", 2, insert_loan},
    Operation{"update a loan", 2, change_loan},
    Operation{"erase a loan", 3, erase_loan},
    Operation{"insert a receipt with a generated key", 5, insert_receipt},
    Operation{"insert a note", 7, insert_note},
    Operation{"put a note", 3, put_note},
    Operation{"$set and $unset in a note", 4, set_note},
    Operation{"$inc in a note", 4, increase_note},
    Operation{"$push into a note", 4, push_tag},
    Operation{"update all notes of an owner", 2, increase_notes_of_owner},
    Operation{"erase a note", 3, erase_note},
    Operation{"erase all notes with a tag", 1, erase_notes_by_tag},
    Operation{"insert a picture", 4, insert_picture},
    Operation{"put a picture", 2, put_picture},
    Operation{"erase a picture", 3, erase_picture},
    Operation{"insert a trail", 3, insert_trail},
    Operation{"insert a trail that has expired", 2, insert_expired_trail},
    Operation{"a trail expires", 2, expire_trail},
    Operation{"a trail that had expired lives again", 2, revive_trail},
    Operation{"erase a trail", 1, erase_trail},
    Operation{"publish an event", 2, publish_event},
    Operation{"a second owner with a key", 1, repeat_owner},
    Operation{"a second owner with an e-mail", 1, repeat_email},
    Operation{"a second note with a slug", 1, repeat_slug},
    Operation{"a row without its parent", 1, miss_parent_of_row},
    Operation{"a document without its parent", 1, miss_parent_of_document},
    Operation{"a row that breaks a CHECK", 1, break_check},
    Operation{"a row without a value that must be", 1, omit_column},
    Operation{"go back to a savepoint", 3, undo_some},
    Operation{"read own writes", 3, read_back},
};

constexpr std::uint64_t weight_of_all() {
    std::uint64_t sum = 0;
    for (const Operation& operation : all) sum += operation.weight;
    return sum;
}

}  // namespace

std::span<const Operation> operations() {
    return all;
}

const Operation& choose_operation(Dice& dice) {
    std::uint64_t place = dice.below(weight_of_all());
    for (const Operation& operation : all) {
        if (place < operation.weight) return operation;
        place -= operation.weight;
    }
    return all.back();
}

}  // namespace amphora::workload

// What transactions do to rows.

#include "workload/operations.hpp"
#include "workload/schema.hpp"

namespace amphora::workload {
namespace {

// Few enough for frequent cascades and refusals, many enough for indexes to have something to sort.
constexpr std::size_t owners_max = 16;
constexpr std::size_t items_max = 24;
constexpr std::size_t loans_max = 5;
constexpr std::size_t receipts_max = 32;

Value nullable(const std::optional<std::string>& text) {
    return text ? Value{*text} : Value{};
}

Record record_of(std::int64_t id, const Owner& owner) {
    return {{"owner_id", id},
            {"name", owner.name},
            {"email", nullable(owner.email)},
            {"balance", owner.balance},
            {"grade", owner.grade}};
}

Owner any_owner(Step& step, std::int64_t id) {
    Owner owner;
    owner.name = step.own("owner", static_cast<std::int64_t>(step.dice.below(1000)));
    if (!step.dice.once_in(4)) owner.email = step.own("mail", id);
    owner.balance = static_cast<std::int64_t>(step.dice.below(1000));
    if (step.dice.once_in(3)) owner.grade = "HIGH";
    return owner;
}

std::string any_label(Step& step) {
    // A tenth of them share a prefix that fills the key.
    const std::string start = step.dice.once_in(10) ? std::string(600, 'x') : "label";
    return step.own(start.c_str(), static_cast<std::int64_t>(step.dice() % 1'000'000'007));
}

Decimal decimal_of(std::int64_t cents) {
    return {cents, 2};
}

}  // namespace

void insert_owner(Step& step) {
    if (step.model.owners.size() >= owners_max) return erase_owner(step);
    const std::int64_t id = step.next_id();
    const Owner owner = any_owner(step, id);
    if (step.transaction != nullptr) {
        const Record stored = step.transaction->insert(owners, record_of(id, owner));
        step.require(stored["balance"] == Value{owner.balance}, "an owner is not stored as given");
    }
    step.model.owners[id] = owner;
}

void put_owner(Step& step) {
    const auto old = step.some(step.model.owners);
    const bool is_new = old == step.model.owners.end();
    const std::int64_t id = is_new ? step.next_id() : old->first;
    const Owner owner = any_owner(step, id);
    if (step.transaction != nullptr) step.transaction->put(owners, record_of(id, owner));
    step.model.owners[id] = owner;
}

void pay_owner(Step& step) {
    const auto owner = step.some(step.model.owners);
    if (owner == step.model.owners.end()) return insert_owner(step);
    const auto amount = static_cast<std::int64_t>(step.dice.below(100));
    if (step.transaction != nullptr) {
        // From what the transaction reads, not from the model.
        const auto row = step.transaction->find(owners, {owner->first});
        step.require(row.has_value(), "an owner to be paid is missing");
        const auto before = (*row)["balance"].as<std::int64_t>();
        step.require(
            step.transaction->update(owners, {owner->first}, Record{{"balance", before + amount}}),
            "an owner to be paid cannot be updated");
    }
    owner->second.balance += amount;
}

void change_email(Step& step) {
    const auto owner = step.some(step.model.owners);
    if (owner == step.model.owners.end()) return insert_owner(step);
    if (owner->second.email && step.dice.once_in(2)) {
        owner->second.email.reset();
    } else {
        owner->second.email = step.own("mail", step.next_id());
    }
    if (step.transaction != nullptr) {
        step.require(step.transaction->update(owners, {owner->first},
                                              Record{{"email", nullable(owner->second.email)}}),
                     "an owner whose e-mail changes is missing");
    }
}

void erase_owner(Step& step) {
    const auto owner = step.some(step.model.owners);
    if (owner == step.model.owners.end()) return insert_owner(step);
    const std::int64_t id = owner->first;
    if (step.model.has_loan(id)) {
        return step.refused(ErrorCode::foreign_key_violation, "erasing an owner who has a loan",
                            [&](Transaction& tx) { tx.erase(owners, {id}); });
    }
    if (step.transaction != nullptr) {
        step.require(step.transaction->erase(owners, {id}), "an owner to be erased is missing");
    }
    step.model.erase_owner(id);
}

void insert_item(Step& step) {
    const auto owner = step.some(step.model.owners);
    if (owner == step.model.owners.end()) return insert_owner(step);
    if (step.model.items.size() >= items_max) return erase_item(step);
    const std::int64_t id = step.next_id();
    const Item item{owner->first, any_label(step)};
    if (step.transaction != nullptr) {
        step.transaction->insert(
            items, Record{{"item_id", id}, {"owner_id", item.owner}, {"label", item.label}});
    }
    step.model.items[id] = item;
}

void change_item(Step& step) {
    const auto item = step.some(step.model.items);
    if (item == step.model.items.end()) return insert_item(step);
    item->second.owner = step.some(step.model.owners)->first;
    item->second.label = any_label(step);
    if (step.transaction != nullptr) {
        step.require(step.transaction->update(
                         items, {item->first},
                         Record{{"owner_id", item->second.owner}, {"label", item->second.label}}),
                     "an item to be changed is missing");
    }
}

void change_item_key(Step& step) {
    const auto item = step.some(step.model.items);
    if (item == step.model.items.end()) return insert_item(step);
    const std::int64_t old_id = item->first;
    const std::int64_t new_id = step.next_id();
    if (step.model.has_picture(old_id)) {
        return step.refused(ErrorCode::foreign_key_violation,
                            "changing the key of an item with pictures", [&](Transaction& tx) {
                                tx.update(items, {old_id}, Record{{"item_id", new_id}});
                            });
    }
    if (step.transaction != nullptr) {
        step.require(step.transaction->update(items, {old_id}, Record{{"item_id", new_id}}),
                     "an item whose key changes is missing");
    }
    step.model.items[new_id] = item->second;
    step.model.items.erase(old_id);
}

void erase_item(Step& step) {
    const auto item = step.some(step.model.items);
    if (item == step.model.items.end()) return insert_item(step);
    const std::int64_t id = item->first;
    if (step.transaction != nullptr) {
        step.require(step.transaction->erase(items, {id}), "an item to be erased is missing");
        step.require(!step.transaction->erase(items, {id}), "an item can be erased twice");
    }
    step.model.erase_item(id);
}

void insert_loan(Step& step) {
    const auto owner = step.some(step.model.owners);
    if (owner == step.model.owners.end()) return insert_owner(step);
    if (step.model.loans.size() >= loans_max) return erase_loan(step);
    const std::int64_t id = step.next_id();
    const Loan loan{owner->first, static_cast<std::int64_t>(step.dice.below(1'000'000))};
    if (step.transaction != nullptr) {
        step.transaction->insert(
            loans,
            Record{{"loan_id", id}, {"owner_id", loan.owner}, {"amount", decimal_of(loan.cents)}});
    }
    step.model.loans[id] = loan;
}

void change_loan(Step& step) {
    const auto loan = step.some(step.model.loans);
    if (loan == step.model.loans.end()) return insert_loan(step);
    loan->second.owner = step.some(step.model.owners)->first;
    loan->second.cents = static_cast<std::int64_t>(step.dice.below(1'000'000));
    if (step.transaction != nullptr) {
        step.require(step.transaction->update(loans, {loan->first},
                                              Record{{"owner_id", loan->second.owner},
                                                     {"amount", decimal_of(loan->second.cents)}}),
                     "a loan to be changed is missing");
    }
}

void erase_loan(Step& step) {
    const auto loan = step.some(step.model.loans);
    if (loan == step.model.loans.end()) return insert_loan(step);
    if (step.transaction != nullptr) {
        step.require(step.transaction->erase(loans, {loan->first}),
                     "a loan to be erased is missing");
    }
    step.model.loans.erase(loan);
}

void insert_receipt(Step& step) {
    const auto owner = step.some(step.model.owners);
    if (owner == step.model.owners.end()) return insert_owner(step);
    if (step.model.receipts.size() >= receipts_max) return erase_owner(step);
    const std::int64_t serial = step.model.next_serial++;
    const Receipt receipt{owner->first, static_cast<double>(step.dice.below(10'000)) / 8};
    if (step.transaction != nullptr) {
        step.transaction->insert(receipts, Record{{"thread", step.model.thread},
                                                  {"serial", serial},
                                                  {"owner_id", receipt.owner},
                                                  {"amount", receipt.amount}});
    }
    step.model.receipts[serial] = receipt;
}

}  // namespace amphora::workload

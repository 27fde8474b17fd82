#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// The contents of one thread's part of the database, in plain maps that know nothing of indexes,
/// journals or trees.
namespace amphora::workload {

struct Owner {
    std::string name;
    std::optional<std::string> email;
    std::int64_t balance = 0;
    std::string grade = "LOW";
    bool operator==(const Owner&) const = default;
};
struct Item {
    std::int64_t owner = 0;
    std::string label;
    bool operator==(const Item&) const = default;
};
struct Loan {
    std::int64_t owner = 0;
    std::int64_t cents = 0;
    bool operator==(const Loan&) const = default;
};
struct Receipt {
    std::int64_t owner = 0;
    double amount = 0;
    bool operator==(const Receipt&) const = default;
};
struct Note {
    std::int64_t owner = 0;
    std::string slug;
    std::int64_t count = 0;
    std::vector<std::string> tags;
    std::optional<std::string> body;
    std::optional<std::int64_t> stars;
    bool operator==(const Note&) const = default;
};
struct Picture {
    std::int64_t item = 0;
    std::uint64_t seed = 0;  ///< of its content: filler(seed, bytes)
    std::uint64_t bytes = 0;
    bool operator==(const Picture&) const = default;
};
struct Trail {
    std::int64_t steps = 0;
    bool operator==(const Trail&) const = default;
};

/// The state of one thread after its first `done` transactions. Its keys are in a range of their
/// own, so other threads change nothing here.
struct Model {
    explicit Model(std::uint32_t of_thread = 0) : thread{of_thread}, next_id{first_id()} {}

    std::uint32_t thread;
    std::uint64_t done = 0;
    // Each transaction leaves its number in one store or in both.
    std::uint64_t done_in_rows = 0;
    std::uint64_t done_in_documents = 0;
    std::int64_t next_id;
    std::int64_t next_serial = 1;

    std::map<std::int64_t, Owner> owners;
    std::map<std::int64_t, Item> items;
    std::map<std::int64_t, Loan> loans;
    std::map<std::int64_t, Receipt> receipts;  // by serial: the engine chooses the primary key
    std::map<std::int64_t, Note> notes;
    std::map<std::int64_t, Picture> pictures;
    std::map<std::int64_t, Trail> trails;
    /// The database has them until it removes them.
    std::map<std::int64_t, Trail> expired_trails;

    [[nodiscard]] std::int64_t first_id() const noexcept {
        return (std::int64_t{thread} + 1) * 1'000'000'000;
    }
    [[nodiscard]] std::int64_t end_id() const noexcept { return first_id() + 1'000'000'000; }
    [[nodiscard]] bool has_loan(std::int64_t owner) const {
        for (const auto& [id, loan] : loans) {
            if (loan.owner == owner) return true;
        }
        return false;
    }
    [[nodiscard]] bool has_picture(std::int64_t item) const {
        for (const auto& [id, picture] : pictures) {
            if (picture.item == item) return true;
        }
        return false;
    }
    void erase_item(std::int64_t id) {
        items.erase(id);
        std::erase_if(pictures, [&](const auto& each) { return each.second.item == id; });
    }
    /// With everything that refers to it.
    void erase_owner(std::int64_t id) {
        owners.erase(id);
        std::erase_if(receipts, [&](const auto& each) { return each.second.owner == id; });
        std::erase_if(notes, [&](const auto& each) { return each.second.owner == id; });
        std::vector<std::int64_t> gone;
        for (const auto& [item_id, item] : items) {
            if (item.owner == id) gone.push_back(item_id);
        }
        for (const std::int64_t item_id : gone) erase_item(item_id);
    }
};

}  // namespace amphora::workload

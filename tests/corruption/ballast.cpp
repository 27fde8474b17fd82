#include "corruption/ballast.hpp"

#include "workload/dice.hpp"
#include "workload/reading.hpp"
#include "workload/schema.hpp"

#include <amphora/amphora.hpp>

#include <string>
#include <vector>

namespace amphora::corruption {
namespace {

constexpr std::uint32_t thread = 1;
constexpr std::int64_t owners_count = 40;
constexpr std::int64_t notes_count = 500;
constexpr std::size_t notes_in_a_commit = 50;

/// Text that does not compress.
std::string noise(std::uint64_t seed, std::size_t bytes) {
    workload::Dice dice{seed};
    std::string text(bytes, ' ');
    for (char& letter : text) letter = static_cast<char>('!' + dice.below(90));
    return text;
}

}  // namespace

workload::Model ballast() {
    workload::Model model{thread};
    const std::int64_t first = model.first_id();
    for (std::int64_t i = 0; i < owners_count; ++i) {
        model.owners[first + i] = {.name = "ballast " + std::to_string(i), .email = std::nullopt};
    }
    for (std::int64_t i = 0; i < notes_count; ++i) {
        workload::Note note;
        note.owner = first + i % owners_count;
        note.slug = "ballast-" + std::to_string(i);
        note.body = noise(static_cast<std::uint64_t>(i), 300);
        model.notes[first + i] = note;
    }
    return model;
}

void insert_ballast(Database& database, std::uint64_t part, std::uint64_t parts) {
    const workload::Model model = ballast();
    if (part == 0) {
        database.write([&](Transaction& tx) {
            for (const auto& [id, owner] : model.owners) {
                tx.insert(workload::owners, Record{{"owner_id", id}, {"name", owner.name}});
            }
        });
    }
    std::vector<Document> documents;
    for (const auto& [id, note] : model.notes) {
        if (static_cast<std::uint64_t>(id) % parts != part) continue;
        documents.push_back(workload::document_of(id, note));
    }
    for (std::size_t at = 0; at < documents.size(); at += notes_in_a_commit) {
        database.write([&](Transaction& tx) {
            const std::size_t end = std::min(at + notes_in_a_commit, documents.size());
            for (std::size_t i = at; i < end; ++i) tx.insert(workload::notes, documents[i]);
        });
    }
}

}  // namespace amphora::corruption

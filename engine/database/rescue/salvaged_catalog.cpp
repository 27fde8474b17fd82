#include "database/rescue/salvaged_catalog.hpp"

#include "codec/bytes_io.hpp"
#include "tree/lmdb/entry_checksum.hpp"

#include <amphora/error.hpp>

#include <algorithm>
#include <utility>

namespace amphora {

namespace {

namespace stored = catalog::stored;

bool make_a_schema(const std::vector<stored::Entry>& entries) {
    try {
        static_cast<void>(stored::definition_of(entries));
        return true;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::corrupt) throw;
        return false;
    }
}

std::optional<stored::Entry> decode(Bytes key, Bytes value) {
    try {
        stored::Entry entry = stored::decode_entry(value);
        if (!entry.spaces.empty() && key == stored::entry_key(entry.spaces.front())) return entry;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::corrupt) throw;
    }
    return std::nullopt;
}

LostDefinitions::Hint hint_of(Bytes key, Bytes bytes) {
    LostDefinitions::Hint hint;
    const std::size_t entry_bytes = stored::entry_key(space_catalog).size();
    if (key.size() == entry_bytes) {
        hint.space = SpaceId{codec::load_big32(key.data() + entry_bytes - 4)};
    }
    try {
        const stored::Entry entry = stored::decode_entry(bytes);
        hint.name = entry.name;
        if (entry.spaces.size() > 1) hint.counter = entry.spaces[1];
    } catch (const Error&) {
        // Even its format may be a result of the damage.
    }
    return hint;
}

SpaceId after_last(const std::vector<stored::Entry>& entries, SpaceId next) {
    for (const stored::Entry& entry : entries) {
        for (const SpaceId space : entry.spaces) next = std::max(next, SpaceId{number(space) + 1});
    }
    return next;
}

}  // namespace

PartedDefinitions part_definitions(std::vector<stored::Entry> entries) {
    PartedDefinitions parted;
    if (make_a_schema(entries)) {
        parted.sound = std::move(entries);
        return parted;
    }
    for (bool more = true; more;) {
        more = false;
        for (auto entry = entries.begin(); entry != entries.end();) {
            parted.sound.push_back(*entry);
            if (make_a_schema(parted.sound)) {
                more = true;
                entry = entries.erase(entry);
            } else {
                parted.sound.pop_back();
                ++entry;
            }
        }
    }
    parted.without_parent = std::move(entries);
    return parted;
}

bool SalvagedCatalog::owns(Bytes key) {
    return key >= Bytes{stored::keys_lower()} && key < Bytes{stored::keys_upper()};
}

bool SalvagedCatalog::leave_out_past(Bytes key) {
    if (!stored::changed_by(key)) return false;
    past_.emplace(key);
    return true;
}

void SalvagedCatalog::put(Bytes key, Bytes value) {
    if (leave_out_past(key)) return;
    entries_.insert_or_assign(Buffer{key}, Buffer{value});
}

void SalvagedCatalog::put_if_absent(Bytes key, Bytes value) {
    if (leave_out_past(key)) return;
    entries_.try_emplace(Buffer{key}, value);
}

void SalvagedCatalog::erase(Bytes key) {
    entries_.erase(Buffer{key});
    past_.erase(Buffer{key});
}

void SalvagedCatalog::add_damaged(Bytes key, Bytes stored) {
    if (leave_out_past(key)) return;
    damaged_.insert_or_assign(Buffer{key}, Buffer{stored});
}

SalvagedCatalog::Sound SalvagedCatalog::sound() const {
    Sound result;
    std::optional<stored::Header> header;
    std::vector<stored::Entry> entries;
    for (const auto& [key, value] : entries_) {
        if (key == stored::header_key()) {
            header = stored::decode_header(value);
        } else if (auto entry = decode(key, value)) {
            entries.push_back(std::move(*entry));
        } else {
            result.lost.damaged.push_back(hint_of(key, value));
        }
    }
    std::uint64_t found = entries_.size();
    for (const auto& [key, stored] : damaged_) {
        if (entries_.contains(key)) continue;
        ++found;
        if (key == stored::header_key()) continue;
        const std::size_t checksum = std::min(stored.size(), lmdb::entry_checksum_bytes);
        result.lost.damaged.push_back(
            hint_of(key, Bytes{stored}.substr(0, stored.size() - checksum)));
    }
    if (const std::uint64_t all = found + past_.size(); expected_ && *expected_ > all) {
        const std::uint64_t missing = *expected_ - all;
        const bool is_header = !header && !damaged_.contains(stored::header_key());
        result.lost.missing = missing - (is_header ? 1 : 0);
    }
    // The header counts them, too. One from an earlier moment may count fewer.
    if (header && header->entries >= found) {
        result.lost.missing = std::max(result.lost.missing, header->entries - (found - 1));
    }

    const SpaceId first_free = after_last(entries, space_first_free);
    PartedDefinitions parted = part_definitions(std::move(entries));
    result.lost.without_parent = std::move(parted.without_parent);
    const std::vector<stored::Entry>& sound = parted.sound;
    if (sound.empty()) return result;
    // A header from an earlier moment may have less than the entries.
    if (!header) header = stored::Header{.version = 1, .next_space = space_first_free};
    header->next_space = std::max(header->next_space, first_free);
    header->entries = static_cast<std::uint32_t>(sound.size());
    result.entries.emplace(stored::header_key(), stored::encode(*header));
    for (const stored::Entry& entry : sound) {
        result.entries.emplace(stored::entry_key(entry.spaces.front()), stored::encode(entry));
    }
    return result;
}

}  // namespace amphora

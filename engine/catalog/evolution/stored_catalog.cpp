#include "catalog/evolution/stored_catalog.hpp"

#include "catalog/language/parser.hpp"
#include "catalog/language/print.hpp"
#include "codec/bytes_io.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace amphora::catalog::stored {

namespace {

constexpr std::uint8_t format = 5;
constexpr std::string_view header_name = "catalog";
constexpr std::string_view entry_name = "entry";
constexpr std::string_view past_name = "past";

Buffer space_prefix(SpaceId space) {
    Buffer key(sizeof(std::uint32_t), '\0');
    codec::store_big32(key.data(), number(space));
    return key;
}

void require_format(codec::BytesReader& reader) {
    const std::uint8_t found = reader.u8();
    if (found == format) return;
    if (found > format) {
        throw Error{
            ErrorCode::newer_format,
            fmt::format(
                "the catalog is in format {}, this library knows {}: use the version of the "
                "library that wrote it, or a later one",
                found, format)};
    }
    if (found == 0) reader.damaged("a format");
    throw Error{ErrorCode::unsupported,
                fmt::format("the catalog is in format {}, this library reads {}: dump the database "
                            "with the version that wrote it and load it here",
                            found, format)};
}

/// Spaces in the order in which they are written; the same walk reads and writes them.
template <class Owner, class Visit>
void visit_spaces(Owner& owner, Visit visit) {
    visit(owner.space);
    if constexpr (requires { owner.counter; }) {
        visit(owner.counter);
    } else {
        SpaceId none{};
        visit(none);
    }
    for (auto& index : owner.indexes) visit(index.space);
}

template <class Owner>
Entry entry_for(const Owner& owner) {
    Entry entry;
    entry.name = owner.name;
    entry.text = to_sql(owner);
    visit_spaces(owner, [&](SpaceId space) { entry.spaces.push_back(space); });
    return entry;
}

template <class Owner>
void take_spaces(Owner& owner, const Entry& entry) {
    if (entry.spaces.size() != owner.indexes.size() + 2) {
        raise_damaged(fmt::format("the catalog's entry for {} has {} spaces for {} indexes",
                                  entry.name, entry.spaces.size(), owner.indexes.size()));
    }
    std::size_t at = 0;
    visit_spaces(owner, [&](SpaceId& space) { space = entry.spaces[at++]; });
}

/// Each space was given, and to one owner only.
void require_own_spaces(const std::vector<Entry>& entries, SpaceId next_space) {
    std::set<SpaceId> met;
    for (const Entry& entry : entries) {
        for (std::size_t i = 0; i < entry.spaces.size(); ++i) {
            const SpaceId space = entry.spaces[i];
            const bool no_counter = i == 1 && space == SpaceId{};
            if (no_counter) continue;
            if (space < space_first_free || space >= next_space || !met.insert(space).second) {
                raise_damaged(fmt::format("the catalog gives {} the space {}, which is not its own",
                                          entry.name, number(space)));
            }
        }
    }
}

}  // namespace

void raise_damaged(const std::string& what) {
    throw Error{ErrorCode::corrupt,
                what + "; repair the database and give its schema, or restore a backup"};
}

Buffer header_key() {
    return space_prefix(space_catalog).append(header_name);
}

Buffer entry_key(SpaceId space) {
    return space_prefix(space_catalog).append(entry_name) + space_prefix(space);
}

Buffer keys_lower() {
    return space_prefix(space_catalog);
}
Buffer keys_upper() {
    return space_prefix(SpaceId{number(space_catalog) + 1});
}

Buffer encode(const Header& header) {
    Buffer value;
    codec::append_u8(value, format);
    codec::append_u64(value, header.version);
    codec::append_u32(value, number(header.next_space));
    codec::append_u32(value, header.entries);
    return value;
}

Header decode_header(Bytes value) {
    codec::BytesReader reader{value, "the catalog's header"};
    require_format(reader);
    Header header;
    header.version = reader.u64();
    header.next_space = SpaceId{reader.u32()};
    header.entries = reader.u32();
    reader.require_end();
    return header;
}

Buffer encode(const Entry& entry) {
    Buffer value;
    codec::append_u8(value, format);
    codec::append_counted(value, entry.name);
    codec::append_varint(value, entry.spaces.size());
    for (const SpaceId space : entry.spaces) codec::append_u32(value, number(space));
    codec::append_counted(value, entry.text);
    return value;
}

Entry decode_entry(Bytes value) {
    codec::BytesReader reader{value, "an entry of the catalog"};
    require_format(reader);
    Entry entry;
    entry.name = reader.counted();
    const std::uint64_t count = reader.varint();
    if (count > reader.rest().size() / sizeof(std::uint32_t)) reader.damaged("spaces");
    for (std::uint64_t i = 0; i < count; ++i) entry.spaces.push_back(SpaceId{reader.u32()});
    entry.text = reader.counted();
    reader.require_end();
    return entry;
}

Entry entry_of(const Table& table) {
    return entry_for(table);
}
Entry entry_of(const Collection& collection) {
    return entry_for(collection);
}

Definition definition_of(const std::vector<Entry>& entries) {
    std::vector<SchemaText> texts;
    texts.reserve(entries.size());
    for (const Entry& entry : entries) texts.push_back({entry.text, entry.name});
    Definition definition;
    try {
        definition = parse_schemas(texts, {}, SystemNames::allowed);
    } catch (const Error& error) {
        raise_damaged(fmt::format("the catalog holds a text that is no schema: {}", error.what()));
    }
    if (definition.tables.size() + definition.collections.size() != entries.size()) {
        raise_damaged("the catalog has an entry for more or less than one table");
    }
    for (const Entry& entry : entries) {
        const auto take = [&](auto& owners) {
            for (auto& owner : owners) {
                if (owner.name != entry.name) continue;
                take_spaces(owner, entry);
                return true;
            }
            return false;
        };
        if (!take(definition.tables) && !take(definition.collections)) {
            raise_damaged(
                fmt::format("the catalog's entry for {} declares something else", entry.name));
        }
    }
    return definition;
}

Version version_of(const Catalog& catalog) {
    const Definition& definition = catalog.definition();
    Version version;
    for (const Table& table : definition.tables) version.entries.push_back(entry_of(table));
    for (const Collection& one : definition.collections) version.entries.push_back(entry_of(one));
    std::ranges::sort(version.entries, {}, [](const Entry& entry) { return entry.spaces.front(); });
    version.header = {.version = catalog.version(),
                      .next_space = catalog.next_space(),
                      .entries = static_cast<std::uint32_t>(version.entries.size())};
    return version;
}

Buffer encode(const Version& version) {
    Buffer value;
    codec::append_u8(value, format);
    codec::append_counted(value, encode(version.header));
    codec::append_varint(value, version.entries.size());
    for (const Entry& entry : version.entries) codec::append_counted(value, encode(entry));
    return value;
}

Version decode_version(Bytes value) {
    codec::BytesReader reader{value, "a past version of the catalog"};
    require_format(reader);
    Version version;
    version.header = decode_header(reader.counted());
    const std::uint64_t count = reader.varint();
    if (count > reader.rest().size()) reader.damaged("entries");
    for (std::uint64_t i = 0; i < count; ++i) {
        version.entries.push_back(decode_entry(reader.counted()));
    }
    reader.require_end();
    return version;
}

std::shared_ptr<const Catalog> catalog_of(const Version& version) {
    const std::vector<Entry>& entries = version.entries;
    if (version.header.entries != entries.size()) {
        raise_damaged(fmt::format("of the {} entries of the catalog {} are found",
                                  version.header.entries, entries.size()));
    }
    require_own_spaces(entries, version.header.next_space);
    return std::make_shared<const Catalog>(definition_of(entries), version.header.version,
                                           version.header.next_space);
}

Buffer past_key(Sequence changed_by) {
    Buffer key = space_prefix(space_catalog).append(past_name);
    key.resize(key.size() + sizeof(std::uint64_t));
    codec::store_big64(key.data() + key.size() - sizeof(std::uint64_t), number(changed_by));
    return key;
}

std::optional<Sequence> changed_by(Bytes key) noexcept {
    constexpr std::size_t name_at = sizeof(std::uint32_t);
    constexpr std::size_t sequence_at = name_at + past_name.size();
    const bool is_past = key.size() == sequence_at + sizeof(std::uint64_t) &&
                         codec::load_big32(key.data()) == number(space_catalog) &&
                         key.substr(name_at).starts_with(past_name);
    if (!is_past) return std::nullopt;
    return Sequence{codec::load_big64(key.data() + sequence_at)};
}

}  // namespace amphora::catalog::stored

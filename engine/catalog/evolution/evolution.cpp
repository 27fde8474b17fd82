#include "catalog/evolution/evolution.hpp"

#include "base/assert.hpp"
#include "catalog/evolution/merge.hpp"
#include "catalog/evolution/stored_catalog.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <type_traits>
#include <utility>

namespace amphora::catalog {

namespace {

class Numbering {
  public:
    explicit Numbering(SpaceId next) : next_{next} {}

    void give(SpaceId& space) {
        if (space != SpaceId{}) return;
        AMPHORA_ASSERT(number(next_) != UINT32_MAX);
        space = next_;
        next_ = SpaceId{number(next_) + 1};
    }
    /// The spaces of system tables and collections come after those of all others, so that a
    /// schema has the same spaces whatever the engine adds to it.
    void give_all(Definition& definition) {
        give_those(definition, [](std::string_view name) { return !is_system_name(name); });
        give_those(definition, is_system_name);
    }
    [[nodiscard]] SpaceId next() const noexcept { return next_; }

  private:
    template <class IsOne>
    void give_those(Definition& definition, IsOne is_one) {
        for (Table& table : definition.tables) {
            if (!is_one(table.name)) continue;
            give(table.space);
            const bool counts = std::any_of(table.columns.begin(), table.columns.end(),
                                            [](const Column& one) { return one.auto_increment; });
            if (counts) give(table.counter);
            for (Index& index : table.indexes) give(index.space);
        }
        for (Collection& collection : definition.collections) {
            if (!is_one(collection.name)) continue;
            give(collection.space);
            for (Index& index : collection.indexes) give(index.space);
        }
    }

    SpaceId next_;
};

Buffer lower_past() {
    return stored::past_key(Sequence{});
}

/// Writes the entries that are new or have changed; reports what is new in an old one.
template <class Owner>
void write_changes(transaction::Writing& writing, const Owner& owner, const Owner* before,
                   Applied& applied) {
    if (before != nullptr && *before == owner) return;
    writing.put(TreeId::relational, stored::entry_key(owner.space),
                stored::encode(stored::entry_of(owner)));
    if (before == nullptr) return;
    for (const Index& index : owner.indexes) {
        if (before->find_index(index.name) == nullptr) {
            applied.indexes.push_back({owner.name, index.name});
        }
    }
    if constexpr (std::is_same_v<Owner, Collection>) {
        for (const Column& field : owner.fields) {
            if (before->find_field(field.name) == nullptr) {
                applied.fields.push_back({owner.name, field.name});
            }
        }
    }
}

/// The catalog in force; none in a new database.
std::optional<stored::Version> read_version(const transaction::Reading& reading) {
    std::optional<stored::Header> header;
    std::vector<stored::Entry> entries;
    const auto cursor = reading.cursor(TreeId::relational, stored::keys_lower(), lower_past());
    for (cursor->seek_first(); cursor->valid(); cursor->next()) {
        if (cursor->key() == stored::header_key()) {
            header = stored::decode_header(cursor->value());
            continue;
        }
        entries.push_back(stored::decode_entry(cursor->value()));
        if (entries.back().spaces.empty() ||
            cursor->key() != stored::entry_key(entries.back().spaces.front())) {
            stored::raise_damaged("the catalog has an entry under a key that is not its own: " +
                                  entries.back().name);
        }
    }
    if (header) return stored::Version{*header, std::move(entries)};
    if (entries.empty()) return std::nullopt;
    stored::raise_damaged("the catalog has entries, but its header is missing");
}

/// Keeps `stored` for readers of earlier commits, and nothing that no commit needs any more.
void keep_past(transaction::Writing& writing, const Catalog& stored, Sequence oldest_prior) {
    std::vector<Buffer> unneeded;
    const auto past =
        writing.cursor(TreeId::relational, lower_past(), stored::past_key(next(oldest_prior)));
    for (past->seek_first(); past->valid(); past->next()) unneeded.emplace_back(past->key());
    for (const Buffer& key : unneeded) writing.erase(TreeId::relational, key);
    writing.put(TreeId::relational, stored::past_key(next(writing.commit_seen().sequence)),
                stored::encode(stored::version_of(stored)));
}

}  // namespace

std::shared_ptr<const Catalog> load(const transaction::Reading& reading, const std::string& place) {
    try {
        const auto version = read_version(reading);
        return version ? stored::catalog_of(*version) : std::make_shared<const Catalog>();
    } catch (const Error& error) {
        throw Error{error.code(), fmt::format("{}: {}", place, error.what())};
    }
}

std::uint64_t stored_version(const transaction::Reading& reading) {
    Buffer scratch;
    const auto value = reading.find(TreeId::relational, stored::header_key(), scratch);
    return value ? stored::decode_header(*value).version : 0;
}

std::vector<PastVersion> past_versions(const transaction::Reading& reading) {
    std::vector<PastVersion> versions;
    const auto past = reading.cursor(TreeId::relational, lower_past(), stored::keys_upper());
    for (past->seek_first(); past->valid(); past->next()) {
        const auto changed_by = stored::changed_by(past->key());
        if (!changed_by) continue;
        PastVersion& version = versions.emplace_back(PastVersion{*changed_by, {}});
        try {
            version.stored = past->value();
        } catch (const Error& error) {
            if (error.code() != ErrorCode::corrupt) throw;
        }
    }
    return versions;
}

std::optional<stored::Version> past_version(const transaction::Reading& reading, Sequence commit) {
    const auto past =
        reading.cursor(TreeId::relational, stored::past_key(next(commit)), stored::keys_upper());
    past->seek_first();
    if (!past->valid()) return std::nullopt;
    return stored::decode_version(past->value());
}

Buffer encoded_version(const transaction::Reading& reading, Sequence commit) {
    auto version = past_version(reading, commit);
    if (!version) version = read_version(reading);
    if (!version) version.emplace();
    static_cast<void>(stored::catalog_of(*version));  // nothing of it is missing
    return stored::encode(*version);
}

Applied apply_additive(transaction::Writing& writing, const Catalog& stored,
                       const Definition& wanted, Sequence oldest_prior) {
    require_applicable(stored.definition(), wanted);
    Applied applied;
    const std::vector<Difference> differences = difference(stored.definition(), wanted);
    if (differences.empty()) {
        applied.catalog = std::make_shared<const Catalog>(stored.definition(), stored.version(),
                                                          stored.next_space());
        return applied;
    }
    Definition merged = merge(stored.definition(), wanted);
    Numbering numbering{stored.next_space()};
    numbering.give_all(merged);
    applied.changed = true;
    for (const Difference& one : differences) {
        if (one.kind == Difference::Kind::additive) continue;
        applied.conditions.push_back(one);
    }

    keep_past(writing, stored, oldest_prior);
    const Definition& before = stored.definition();
    for (const Table& table : merged.tables) {
        write_changes(writing, table, before.find_table(table.name), applied);
    }
    for (const Collection& collection : merged.collections) {
        write_changes(writing, collection, before.find_collection(collection.name), applied);
    }
    writing.put(
        TreeId::relational, stored::header_key(),
        stored::encode(stored::Header{.version = stored.version() + 1,
                                      .next_space = numbering.next(),
                                      .entries = static_cast<std::uint32_t>(
                                          merged.tables.size() + merged.collections.size())}));
    applied.catalog =
        std::make_shared<const Catalog>(std::move(merged), stored.version() + 1, numbering.next());
    return applied;
}

}  // namespace amphora::catalog

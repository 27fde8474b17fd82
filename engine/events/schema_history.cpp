#include "events/schema_history.hpp"

#include "codec/bytes_io.hpp"

#include <algorithm>
#include <utility>

namespace amphora::events {

namespace {

namespace stored = catalog::stored;

bool is_of_catalog(Bytes key) noexcept {
    return key.size() >= sizeof(std::uint32_t) &&
           codec::load_big32(key.data()) == number(space_catalog);
}

void put(stored::Version& version, stored::Entry entry) {
    const SpaceId space = entry.spaces.empty() ? SpaceId{} : entry.spaces.front();
    const auto at = std::ranges::lower_bound(version.entries, space, {}, [](const auto& one) {
        return one.spaces.empty() ? SpaceId{} : one.spaces.front();
    });
    const bool is_known =
        at != version.entries.end() && !at->spaces.empty() && at->spaces.front() == space;
    if (is_known) {
        *at = std::move(entry);
    } else {
        version.entries.insert(at, std::move(entry));
    }
}

}  // namespace

bool changes_catalog(const outbox::Record& record) noexcept {
    // The catalog's space is the lowest one that a commit writes to.
    outbox::Record::Changes changes = record.changes_of(TreeId::relational);
    outbox::Change first;
    return changes.next(first) && is_of_catalog(first.key);
}

bool take_changes(stored::Version& version, const outbox::Record& record) {
    if (!changes_catalog(record)) return false;
    record.each_change(TreeId::relational, [&](const outbox::Change& change) {
        if (!change.value || !is_of_catalog(change.key) || stored::changed_by(change.key)) return;
        if (change.key == stored::header_key()) {
            version.header = stored::decode_header(*change.value);
        } else {
            put(version, stored::decode_entry(*change.value));
        }
    });
    return true;
}

SchemaHistory::SchemaHistory(std::shared_ptr<const stores::BoundSchema> newest,
                             std::unique_ptr<CatalogVersions> versions)
    : newest_{std::move(newest)}, versions_{std::move(versions)} {}

const Sources& SchemaHistory::at(Sequence sequence, const outbox::Record& record) {
    if (!is_placed_) {
        version_ = versions_->as_of(Sequence{number(sequence) - 1});
        sources_ = version_ ? &sources_of(*version_) : &newest_;
        is_placed_ = true;
    }
    if (!version_ || !changes_catalog(record)) return *sources_;
    is_placed_ = false;  // unless all of it can be read
    take_changes(*version_, record);
    sources_ = &sources_of(*version_);
    if (sources_ == &newest_) version_.reset();
    is_placed_ = true;
    return *sources_;
}

const Sources& SchemaHistory::sources_of(const stored::Version& version) {
    const std::uint64_t number = version.header.version;
    if (number == newest_.schema().catalog().version()) return newest_;
    const auto known = past_.find(number);
    if (known != past_.end()) return known->second;
    auto schema = std::make_shared<const stores::BoundSchema>(stored::catalog_of(version));
    return past_.try_emplace(number, Sources{std::move(schema)}).first->second;
}

}  // namespace amphora::events

#include "database/archive_state.hpp"

#include "base/file.hpp"
#include "catalog/evolution/stored_catalog.hpp"
#include "database/directory/directory.hpp"
#include "database/feed_state.hpp"
#include "database/space_reports.hpp"
#include "events/schema_history.hpp"
#include "journal/archive/archive_cursor.hpp"
#include "journal/archive/segment_catalog.hpp"
#include "outbox/record.hpp"

#include <amphora/archive.hpp>
#include <amphora/error.hpp>

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace amphora {

namespace detail {

namespace {

using catalog::stored::Version;
using journal::ArchivedChain;
using journal::JournalCursor;

enum class AtDamage : std::uint8_t { refuse, end };

/// The catalog of the segment with `commit`, brought up to that commit.
Version version_as_of(const std::shared_ptr<const ArchivedChain>& chain, Sequence commit,
                      AtDamage at_damage) {
    FileSystem& files = operating_system_files();
    const auto part = chain->part_after(commit);
    AMPHORA_ASSERT(part.has_value());  // the cursor has refused what is before the archive
    const journal::SegmentCopy& copy = chain->parts[*part].copy;
    Version version =
        catalog::stored::decode_version(journal::read_segment_catalog(files, copy).catalog);
    journal::ArchiveCursor cursor{files, chain};
    if (cursor.seek(copy.header.prior.sequence) != JournalCursor::Seek::found) return version;
    try {
        while (cursor.position() < commit) {
            const auto entry = cursor.next();
            if (!entry) break;
            events::take_changes(version, outbox::Record{entry->record, entry->sequence});
        }
    } catch (const Error& error) {
        if (error.code() != ErrorCode::corrupt || at_damage == AtDamage::refuse) throw;
    }
    return version;
}

class ArchivedVersions final : public events::CatalogVersions {
  public:
    explicit ArchivedVersions(std::shared_ptr<const ArchivedChain> chain)
        : chain_{std::move(chain)} {}

    [[nodiscard]] std::optional<Version> as_of(Sequence commit) override {
        return version_as_of(chain_, commit, AtDamage::refuse);
    }

  private:
    const std::shared_ptr<const ArchivedChain> chain_;
};

}  // namespace

ArchiveState::ArchiveState(const std::string& directory, const std::string& timeline) {
    require_path(directory, "the archive");
    chain_ = std::make_shared<const ArchivedChain>(
        journal::find_archived_chain(operating_system_files(), directory, timeline));
    schema_ = std::make_shared<const stores::BoundSchema>(
        catalog::stored::catalog_of(version_as_of(chain_, chain_->last, AtDamage::end)));
}

events::FeedSource ArchiveState::feed_source() const {
    return {.cursor =
                [chain = chain_](journal::CommitTags /*wanted*/) {
                    return std::make_unique<journal::ArchiveCursor>(operating_system_files(),
                                                                    chain);
                },
            .schema = schema_,
            .versions = std::make_unique<ArchivedVersions>(chain_),
            .lineage = chain_->lineage,
            .kind = events::FeedSource::Kind::archive};
}

}  // namespace detail

Archive::Archive(const std::string& directory, const ArchiveOptions& options)
    : state_{std::make_shared<const detail::ArchiveState>(directory, options.timeline)} {}

Feed Archive::feed(const FeedOptions& options) const {
    return Feed{std::make_unique<detail::FeedState>(*state_, options)};
}

std::vector<SpaceReport> Archive::describe(Spaces spaces) const {
    return detail::space_reports(state_->schema().catalog().definition(), spaces);
}

const std::string& Archive::path() const noexcept {
    return state_->chain().directory;
}

std::string Archive::database() const {
    return to_string(state_->chain().identity.database);
}

std::string Archive::timeline() const {
    return to_string(state_->chain().identity.timeline);
}

}  // namespace amphora

#include "database/feed_source.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace amphora::detail {

namespace {

using PastVersions = std::vector<catalog::PastVersion>;

/// What an opening has found. Nothing changes the catalog of an open database.
class KeptVersions final : public events::CatalogVersions {
  public:
    explicit KeptVersions(std::shared_ptr<const PastVersions> past) : past_{std::move(past)} {}

    [[nodiscard]] std::optional<catalog::stored::Version> as_of(Sequence commit) override {
        const auto found =
            std::ranges::upper_bound(*past_, commit, {}, &catalog::PastVersion::changed_by);
        if (found == past_->end()) return std::nullopt;
        return catalog::stored::decode_version(found->stored);
    }

  private:
    const std::shared_ptr<const PastVersions> past_;
};

}  // namespace

events::FeedSource feed_source(Core& core, journal::HoldOptions hold) {
    return {.cursor =
                [&core, hold = std::move(hold)](journal::CommitTags wanted) {
                    journal::HoldOptions with_wanted = hold;
                    with_wanted.wanted = wanted;
                    return core.journal->cursor(std::move(with_wanted));
                },
            .schema = core.schema,
            .versions = std::make_unique<KeptVersions>(core.past_versions),
            .lineage = core.lineage};
}

}  // namespace amphora::detail

#pragma once

#include "document/query/filter.hpp"
#include "events/commit_change.hpp"
#include "events/sources.hpp"
#include "journal/commit_tags.hpp"
#include "relational/scan/filter.hpp"

#include <amphora/selection.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace amphora::events {

/// Tests changes against the selections of one feed. Immutable; one thread at a time.
///
/// Without selections it selects everything but what is in the engine's own tables, collections and
/// topics.
class Selector {
  public:
    /// Throws `no_such_table`, `no_such_column`, `type_mismatch`, `unsupported`,
    /// `invalid_argument` for a selection that the schema does not have or that makes no sense.
    Selector(const Sources& sources, std::span<const Selection> selections);

    /// Whether the change passes: one of the selections takes its kind, and the state before or
    /// after fulfils its condition, or the state before of an update or delete is not known.
    [[nodiscard]] bool passes(const CommitChange& change) const;

    /// Every commit with a change that passes meets these.
    [[nodiscard]] journal::CommitTags wanted() const;

    /// The spaces of the tables and collections of which rows or documents of a snapshot may pass,
    /// ascending.
    [[nodiscard]] std::vector<SpaceId> spaces_read(const Sources& sources) const;

  private:
    struct OfSpace {
        SpaceId space{};
        ChangeKinds kinds = ChangeKinds::all();
        const relational::BoundTable* table = nullptr;
        std::optional<relational::Filters> rows;    ///< none: every row
        std::optional<document::Filter> documents;  ///< none: every document
    };
    struct OfTopics {
        std::string name;  ///< the topic, or how it begins
        bool is_prefix = false;
    };
    void add(const Sources& sources, const Selection& selection);
    void add(OfSpace selection);
    void add_table(const Sources& sources, const Selection& selection);
    void add_collection(const Sources& sources, const Selection& selection);
    void add_topics(const Selection& selection);
    [[nodiscard]] bool passes_topics(const CommitChange& change) const;
    [[nodiscard]] static bool holds(const OfSpace& selection, const CommitChange& change);

    bool takes_all_ = false;
    bool takes_schema_ = false;
    std::vector<std::vector<OfSpace>> by_space_;  ///< at the number of the space
    std::vector<OfTopics> topics_;
};

}  // namespace amphora::events

#include "events/selector.hpp"

#include "codec/bytes_io.hpp"
#include "relational/row/row.hpp"
#include "stores/cells.hpp"

#include <amphora/error.hpp>

#include <algorithm>
#include <utility>

namespace amphora::events {

namespace {

SpaceId space_of(const CommitChange& change) noexcept {
    return SpaceId{codec::load_big32(change.key.data())};
}

bool fulfils(const relational::BoundTable& table, const relational::Filters& filters,
             Bytes stored) {
    if (!filters.may_hold()) return false;
    const relational::Row row{table, stored};
    return std::ranges::all_of(filters.all(),
                               [&](const relational::Filter& filter) { return filter.holds(row); });
}

}  // namespace

Selector::Selector(const Sources& sources, std::span<const Selection> selections)
    : takes_all_{selections.empty()}, takes_schema_{selections.empty()} {
    for (const Selection& selection : selections) add(sources, selection);
}

void Selector::add(const Sources& sources, const Selection& selection) {
    switch (selection.source) {
        case Selection::Source::table:
            return add_table(sources, selection);
        case Selection::Source::collection:
            return add_collection(sources, selection);
        case Selection::Source::topics:
            return add_topics(selection);
        case Selection::Source::schema:
            takes_schema_ = true;
            return;
    }
}

void Selector::add_table(const Sources& sources, const Selection& selection) {
    const relational::BoundTable& table = sources.schema().require(Table{selection.name});
    OfSpace added{.space = table.definition().space,
                  .kinds = selection.kinds,
                  .table = &table,
                  .rows = std::nullopt,
                  .documents = std::nullopt};
    if (!selection.rows.all().empty()) {
        added.rows.emplace(table, stores::conditions_of(table, selection.rows));
    }
    add(std::move(added));
}

void Selector::add_collection(const Sources& sources, const Selection& selection) {
    const document::BoundCollection& collection =
        sources.schema().require(Collection{selection.name});
    OfSpace added{.space = collection.space(),
                  .kinds = selection.kinds,
                  .table = nullptr,
                  .rows = std::nullopt,
                  .documents = std::nullopt};
    if (!selection.documents.view().empty()) added.documents.emplace(selection.documents.view());
    add(std::move(added));
}

void Selector::add(OfSpace selection) {
    const std::size_t place = number(selection.space);
    if (by_space_.size() <= place) by_space_.resize(place + 1);
    by_space_[place].push_back(std::move(selection));
}

void Selector::add_topics(const Selection& selection) {
    const std::string& name = selection.name;
    const std::size_t star = name.find('*');
    const bool is_prefix = star != std::string::npos;
    const bool star_is_last = is_prefix && star + 1 == name.size();
    const bool star_is_a_part = star == 0 || (is_prefix && name[star - 1] == '.');
    if (name.empty() || (is_prefix && !(star_is_last && star_is_a_part))) {
        throw Error{ErrorCode::invalid_argument,
                    "'" + name +
                        "' selects no topics; name one topic, or the first parts of topics and a "
                        "star, as in \"orders.*\""};
    }
    topics_.push_back({is_prefix ? name.substr(0, star) : name, is_prefix});
}

bool Selector::passes(const CommitChange& change) const {
    if (change.kind == ChangeKind::event) return passes_topics(change);
    if (change.kind == ChangeKind::schema) return takes_schema_ && !change.is_system;
    if (takes_all_) return !change.is_system;
    const std::size_t place = number(space_of(change));
    if (place >= by_space_.size()) return false;
    return std::ranges::any_of(by_space_[place], [&](const OfSpace& selection) {
        return selection.kinds.contain(change.kind) && holds(selection, change);
    });
}

bool Selector::passes_topics(const CommitChange& change) const {
    if (takes_all_) return !change.is_system;
    return std::ranges::any_of(topics_, [&](const OfTopics& topics) {
        if (change.is_system && !is_system_name(topics.name)) return false;
        return topics.is_prefix ? change.name.starts_with(topics.name) : change.name == topics.name;
    });
}

bool Selector::holds(const OfSpace& selection, const CommitChange& change) {
    if (!selection.rows && !selection.documents) return true;
    const bool existed = change.kind == ChangeKind::update || change.kind == ChangeKind::erase;
    if (existed && !change.before) return true;
    const auto fits = [&](const std::optional<Bytes>& state) {
        if (!state) return false;
        return selection.rows ? fulfils(*selection.table, *selection.rows, *state)
                              : selection.documents->matches(DocumentView{*state});
    };
    return fits(change.after) || fits(change.before);
}

journal::CommitTags Selector::wanted() const {
    using journal::CommitTags;
    if (takes_all_) return CommitTags::all();
    // Changes of the catalog also say how later changes are shown.
    CommitTags tags = CommitTags::of_space(space_catalog);
    for (const auto& selections : by_space_) {
        if (!selections.empty()) tags |= CommitTags::of_space(selections.front().space);
    }
    for (const OfTopics& topics : topics_) {
        tags |= topics.is_prefix ? CommitTags::of_all_topics() : CommitTags::of_topic(topics.name);
    }
    return tags;
}

std::vector<SpaceId> Selector::spaces_read(const Sources& sources) const {
    if (takes_all_) return sources.spaces_of_users();
    std::vector<SpaceId> spaces;
    for (const auto& selections : by_space_) {
        const bool is_read = std::ranges::any_of(selections, [](const OfSpace& selection) {
            return selection.kinds.contain(ChangeKind::read);
        });
        if (is_read) spaces.push_back(selections.front().space);
    }
    return spaces;
}

}  // namespace amphora::events

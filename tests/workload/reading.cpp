#include "workload/reading.hpp"

#include "workload/schema.hpp"
#include "workload/step.hpp"

#include <amphora/query.hpp>

#include <algorithm>

namespace amphora::workload {
namespace {

constexpr DateTime long_ago{1'000'000'000'000'000};
constexpr DateTime in_a_thousand_years{33'000'000'000'000'000};

template <class Found>
auto require_field(const std::optional<Found>& found, DocumentView document, const char* field) {
    if (!found) {
        throw Disagreement{std::string{"no proper "} + field + " in the document " +
                           to_json(document).substr(0, 300)};
    }
    return *found;
}

std::int64_t integer(DocumentView document, const char* field) {
    const auto value = document.field(field);
    return require_field(value ? value->as_int64() : std::nullopt, document, field);
}

std::string text(DocumentView document, const char* field) {
    const auto value = document.field(field);
    return std::string{require_field(value ? value->as_text() : std::nullopt, document, field)};
}

void require_fields(DocumentView document, std::size_t count) {
    if (document.count() == count) return;
    throw Disagreement{"other fields than were written in the document " +
                       to_json(document).substr(0, 300)};
}

std::int64_t integer(const Record& row, const char* column) {
    return row[column].as<std::int64_t>();
}

Conditions in_range(const Model& model, const char* column) {
    return where(column) >= model.first_id() && where(column) < model.end_id();
}

Document id_range(const Model& model) {
    return {{"_id", Document{{"$gte", model.first_id()}, {"$lt", model.end_id()}}}};
}

}  // namespace

Owner owner_of(const Record& row) {
    Owner owner;
    owner.name = row["name"].as<std::string>();
    if (!row["email"].is_null()) owner.email = row["email"].as<std::string>();
    owner.balance = integer(row, "balance");
    owner.grade = row["grade"].as<std::string>();
    return owner;
}

Note note_of(DocumentView document) {
    Note note;
    note.owner = integer(document, "owner_id");
    note.slug = text(document, "slug");
    note.count = integer(document, "count");
    const auto tags = document.field("tags");
    const OptionalDocument elements = tags ? tags->as_array() : OptionalDocument{};
    for (const Element& element : require_field(elements, document, "tags")) {
        note.tags.emplace_back(require_field(element.value.as_text(), document, "tag"));
    }
    if (document.field("body")) note.body = text(document, "body");
    if (document.field("stars")) note.stars = integer(document, "stars");
    require_fields(document, 5 + (note.body ? 1u : 0u) + (note.stars ? 1u : 0u));
    return note;
}

Picture picture_of(DocumentView document) {
    Picture picture;
    picture.item = integer(document, "item_id");
    picture.seed = static_cast<std::uint64_t>(integer(document, "seed"));
    const std::string content = text(document, "content");
    picture.bytes = content.size();
    require_fields(document, 4);
    if (content != filler(picture.seed, content.size())) {
        throw Disagreement{"the content of a picture of item " + std::to_string(picture.item) +
                           " is not what was written"};
    }
    return picture;
}

Document document_of(std::int64_t id, const Note& note) {
    Array tags;
    for (const std::string& tag : note.tags) tags.append(tag);
    Document document{{"_id", id},
                      {"owner_id", note.owner},
                      {"slug", note.slug},
                      {"count", note.count},
                      {"tags", tags}};
    if (note.body) document.append("body", *note.body);
    if (note.stars) document.append("stars", *note.stars);
    return document;
}

Document document_of(std::int64_t id, const Picture& picture) {
    return {{"_id", id},
            {"item_id", picture.item},
            {"seed", static_cast<std::int64_t>(picture.seed)},
            {"content", filler(picture.seed, picture.bytes)}};
}

Document document_of(std::int64_t id, const Trail& trail) {
    return {{"_id", id}, {"until", in_a_thousand_years}, {"steps", trail.steps}};
}

Document expired_document_of(std::int64_t trail) {
    return {{"_id", trail}, {"until", long_ago}};
}

bool has_expired(DocumentView trail) {
    const auto until = trail.field("until");
    const DateTime moment =
        require_field(until ? until->as_datetime() : std::nullopt, trail, "until");
    if (moment != long_ago && moment != in_a_thousand_years) {
        throw Disagreement{"a trail has another moment than was written: " + to_json(trail)};
    }
    return moment == long_ago;
}

Document living_trails() {
    return {{"until", in_a_thousand_years}};
}

std::uint64_t position(const Reader& reader, std::uint32_t thread) {
    const auto row = reader.find(progress, {thread});
    const auto mark = reader.find(marks, Id{std::int64_t{thread}});
    const std::int64_t in_rows = row ? integer(*row, "done") : 0;
    const std::int64_t in_documents = mark ? integer(*mark, "done") : 0;
    return static_cast<std::uint64_t>(std::max(in_rows, in_documents));
}

Model read_model(const Reader& reader, std::uint32_t thread) {
    Model found{thread};
    if (const auto row = reader.find(progress, {thread})) {
        found.done_in_rows = static_cast<std::uint64_t>(integer(*row, "done"));
    }
    if (const auto mark = reader.find(marks, Id{std::int64_t{thread}})) {
        found.done_in_documents = static_cast<std::uint64_t>(integer(*mark, "done"));
    }
    found.done = std::max(found.done_in_rows, found.done_in_documents);

    for (const RowView& each : reader.scan(owners, in_range(found, "owner_id"))) {
        const Record row = each.record();
        found.owners[integer(row, "owner_id")] = owner_of(row);
    }
    for (const RowView& each : reader.scan(items, in_range(found, "item_id"))) {
        const Record row = each.record();
        found.items[integer(row, "item_id")] = {integer(row, "owner_id"),
                                                row["label"].as<std::string>()};
    }
    for (const RowView& each : reader.scan(loans, in_range(found, "loan_id"))) {
        const Record row = each.record();
        found.loans[integer(row, "loan_id")] = {
            integer(row, "owner_id"),
            static_cast<std::int64_t>(rescale(row["amount"].as<Decimal>(), 2).units)};
    }
    for (const RowView& each : reader.scan(receipts, where("thread") == thread)) {
        const Record row = each.record();
        found.receipts[integer(row, "serial")] = {integer(row, "owner_id"),
                                                  row["amount"].as<double>()};
    }
    for (const DocumentView each : reader.find(notes, id_range(found))) {
        found.notes[integer(each, "_id")] = note_of(each);
    }
    for (const DocumentView each : reader.find(pictures, id_range(found))) {
        found.pictures[integer(each, "_id")] = picture_of(each);
    }
    for (const DocumentView each : reader.find(trails, id_range(found))) {
        if (has_expired(each)) {
            found.expired_trails[integer(each, "_id")] = {};
        } else {
            found.trails[integer(each, "_id")] = {integer(each, "steps")};
        }
    }
    return found;
}

}  // namespace amphora::workload

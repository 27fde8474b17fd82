#include "document/collection/shape.hpp"

#include "catalog/definition/check.hpp"
#include "codec/bson/writer.hpp"
#include "document/collection/declared_field.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace amphora::document {

namespace {

constexpr std::string_view id_name = "_id";

[[noreturn]] void refuse(const BoundCollection& collection, const std::string& why) {
    throw Error{ErrorCode::invalid_argument,
                fmt::format("collection {}: {}", collection.name(), why)};
}

void require_id(const BoundCollection& collection, BsonView id) {
    const BsonType type = id.type();
    if (type == BsonType::array || type == BsonType::regex || type == BsonType::undefined) {
        refuse(collection, fmt::format("an _id cannot be of type {}", to_string(type)));
    }
}

}  // namespace

void Shape::take(DocumentView given, Absent absent) {
    std::optional<BsonView> id;
    if (!given.empty() && given.begin()->name == id_name) id = given.begin()->value;
    // An _id that is not the first field is found on the way, and must then be moved to the front.
    if (!build(given, absent, id)) {
        static_cast<void>(build(given, absent, given.field(id_name)));
    }
    declared_.clear();
    for (const Value& value : fields_) declared_.push_back(at(value));
    check();
}

/// False: there is an _id, although `id` was none.
bool Shape::build(DocumentView given, Absent absent, std::optional<BsonView> id) {
    bytes_.clear();
    // Room for an _id and one or two DEFAULTs.
    bytes_.reserve(given.bytes().size() + 64);
    fields_.assign(collection_.fields().size(), Value{});
    codec::BsonWriter writer{bytes_};
    const codec::BsonWriter::Open open = writer.begin_document();
    made_id_ = !id;
    if (id) require_id(collection_, *id);
    id_ = append(id_name, id ? *id : BsonValue{ObjectId::generate()}.view());
    bool id_seen = false;
    for (const Element& element : given) {
        if (element.name == id_name) {
            if (made_id_) return false;
            if (std::exchange(id_seen, true)) refuse(collection_, "_id is there twice");
            continue;
        }
        const std::size_t place = collection_.field_place(element.name);
        if (place == fields_.size()) {
            append(element.name, element.value);
        } else {
            append_field(place, element.value);
        }
    }
    if (absent == Absent::takes_default) append_defaults();
    writer.end(open);
    return true;
}

Shape::Value Shape::append(Bytes name, BsonView value) {
    codec::BsonWriter{bytes_}.head(name, value.type());
    const std::size_t offset = bytes_.size();
    bytes_.append(value.raw());
    return {value.type(), true, static_cast<std::uint32_t>(offset),
            static_cast<std::uint32_t>(value.raw().size())};
}

void Shape::append_field(std::size_t place, BsonView value) {
    const catalog::Column& column = *collection_.fields()[place].column;
    // The second one would be stored without a check.
    if (fields_[place].present) refuse(collection_, column.name + " is there twice");
    FieldScratch scratch;
    fields_[place] =
        append(column.name,
               value.is_null() ? value : to_stored(column, collection_.name(), value, scratch));
}

void Shape::append_defaults() {
    for (std::size_t place = 0; place < fields_.size(); ++place) {
        if (fields_[place].present) continue;
        const BoundField& field = collection_.fields()[place];
        if (field.now_by_default()) {
            append_field(place, BsonValue::date_ms(now_ms_));
        } else if (field.default_value) {
            append_field(place, *field.default_value);
        }
    }
}

void Shape::check() const {
    for (std::size_t place = 0; place < fields_.size(); ++place) {
        const catalog::Column& column = *collection_.fields()[place].column;
        if (column.not_null && fields_[place].type == BsonType::null) {
            throw Error{ErrorCode::not_null_violation,
                        fmt::format("collection {}: field {} is NOT NULL and has no value",
                                    collection_.name(), column.name)};
        }
    }
    const catalog::Collection& definition = collection_.definition();
    if (definition.checks.empty()) return;
    std::vector<Cell> cells;
    cells.reserve(fields_.size());
    for (std::size_t place = 0; place < fields_.size(); ++place) {
        const auto cell = to_cell(collection_.fields()[place].column->type, declared_[place]);
        cells.push_back(cell.value_or(Cell::null()));
    }
    for (const catalog::Check& check : definition.checks) {
        if (catalog::holds(check, cells)) continue;
        throw Error{ErrorCode::check_violation,
                    fmt::format("collection {}: CHECK {} ({}) does not hold", collection_.name(),
                                check.name, check.text)};
    }
}

}  // namespace amphora::document

#include "catalog/language/retention_builder.hpp"

#include "catalog/language/made_names.hpp"
#include "catalog/language/print.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace amphora::catalog {

namespace {

/// Whether the index begins with `field` and has one entry for each document: its other columns can
/// hold no arrays.
bool serves(const Index& index, const std::string& field, const Collection& collection) {
    return index.columns.front() == field &&
           std::all_of(index.columns.begin(), index.columns.end(), [&](const std::string& path) {
               const Column* const column = collection.find_field(path);
               return column != nullptr && column->type.type != Type::json;
           });
}

std::string index_for(const std::string& field, std::string_view purpose,
                      const SourceLocation& place, Collection& collection) {
    for (const Index& index : collection.indexes) {
        if (serves(index, field, collection)) return index.name;
    }
    require_room_for_index(collection, place, "that of its retention");
    Index made;
    made.name =
        free_index_name(collection, fmt::format("{}_{}_{}", purpose, collection.name, field));
    made.columns = {field};
    collection.indexes.push_back(made);
    return made.name;
}

void require_moment(const syntax::Name& field, std::string_view option,
                    const Collection& collection) {
    const Column* const column = collection.find_field(field.text);
    if (column == nullptr) {
        fail_syntax(field.place, fmt::format("{} names {}, a field that collection {} does not "
                                             "declare: declare it as a DATETIME",
                                             option, field.text, collection.name));
    }
    if (column->type.type != Type::datetime) {
        fail_syntax(field.place, fmt::format("{} names {}, which is {}: only a DATETIME says when "
                                             "a document expires",
                                             option, field.text, to_sql(column->type)));
    }
}

void require_consistent(const syntax::Retention& source) {
    const auto require_by = [&](const SourceLocation& place, std::string_view option) {
        if (source.retain_by) return;
        fail_syntax(place, fmt::format("{} needs retain_by = 'FIELD', which names the DATETIME "
                                       "field with the time of a document",
                                       option));
    };
    if (source.retain) require_by(source.retain->place, "retain");
    if (source.retain_count) require_by(source.retain_count->place, "retain_count");
    if (source.retain_by && !source.retain && !source.retain_count) {
        fail_syntax(source.retain_by->place,
                    "retain_by alone removes nothing: add retain = '90 days' for an age, or "
                    "retain_count = 1000 for a number of documents");
    }
    if (source.retain_by && source.expire_by && source.retain_by->text == source.expire_by->text) {
        fail_syntax(source.expire_by->place,
                    fmt::format("expire_by and retain_by both name {}, so that every document "
                                "would expire at its own time: name a field with the moment of "
                                "the expiry",
                                source.expire_by->text));
    }
}

}  // namespace

void build_retention(const syntax::Declaration& declaration, Collection& collection) {
    const syntax::Retention& source = declaration.retention;
    Retention& retention = collection.retention;
    require_consistent(source);
    if (source.retain) retention.age_max = source.retain->text;
    if (source.retain_count) retention.count_max = source.retain_count->number;
    if (source.retain_by) {
        require_moment(*source.retain_by, "retain_by", collection);
        retention.by = source.retain_by->text;
        retention.by_index = index_for(retention.by, "retain", source.retain_by->place, collection);
    }
    if (source.expire_by) {
        require_moment(*source.expire_by, "expire_by", collection);
        retention.expire_by = source.expire_by->text;
        retention.expire_index =
            index_for(retention.expire_by, "expire", source.expire_by->place, collection);
    }
}

}  // namespace amphora::catalog

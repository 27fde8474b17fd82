#include "document/index/entries.hpp"

#include "codec/bson/key.hpp"
#include "document/collection/declared_field.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace amphora::document {

namespace {

/// The progress of one path of the index.
struct Slot {
    std::size_t place = 0;  ///< the part of the path to look up next
    bool done = false;
    BsonView value;                 ///< if done: the value of the path
    std::optional<BsonView> array;  ///< if not done: the array at which it has stopped
};

/// Follows the paths of an index through one document. Walks each array once, with all paths that
/// lead into it.
class Expansion {
  public:
    Expansion(const BoundCollection& collection, const BoundIndex& index, IndexEntries& out)
        : collection_{collection}, index_{index}, out_{out}, key_{index.space()} {}

    /// Follows every path that is not done through `document`, up to an array or to its end.
    void enter(std::vector<Slot> slots, DocumentView document) {
        for (std::size_t i = 0; i < slots.size(); ++i) {
            if (!slots[i].done) descend(i, slots[i], document);
        }
        spread(std::move(slots));
    }

  private:
    void descend(std::size_t i, Slot& slot, DocumentView document) {
        const FieldPath& path = index_.paths[i];
        for (;; ++slot.place) {
            const std::optional<BsonView> value = document.field(path.part(slot.place));
            if (!value) return finish(slot, BsonView{});
            if (value->is_array()) {
                ++slot.place;
                return stop_at(i, slot, *value);
            }
            if (slot.place + 1 == path.size()) return finish(slot, *value);
            if (!value->is_document()) return finish(slot, BsonView{});
            document = *value->as_document();
        }
    }

    static void finish(Slot& slot, BsonView value) {
        slot.done = true;
        slot.value = value;
        slot.array.reset();
    }

    /// The path has met an array. A position in the path ("grades.0") leads to one element of it.
    void stop_at(std::size_t i, Slot& slot, BsonView array) {
        const FieldPath& path = index_.paths[i];
        out_.arrays |= 1u << i;
        slot.array = array;
        if (slot.place == path.size() || !path.position(slot.place)) return;
        const std::string& name = path.part(slot.place);
        const std::optional<BsonView> element = array.as_array()->field(name);
        if (!element) return;
        for (const Element& other : *array.as_array()) {
            if (!other.value.is_document() || !other.value.as_document()->field(name)) continue;
            refuse(
                fmt::format("in {} the name {} is a position in an array and a field of its "
                            "elements",
                            path.dotted(), name));
        }
        ++slot.place;
        if (slot.place == path.size()) return finish(slot, *element);
        if (element->is_document()) return descend(i, slot, *element->as_document());
        if (element->is_array()) return stop_at(i, slot, *element);
        finish(slot, BsonView{});
    }

    void spread(std::vector<Slot> slots) {
        const BsonView* array = nullptr;
        std::size_t first = 0;
        for (std::size_t i = 0; i < slots.size(); ++i) {
            if (slots[i].done) continue;
            if (array == nullptr) {
                array = &*slots[i].array;
                first = i;
            } else if (array->raw().data() != slots[i].array->raw().data()) {
                refuse(fmt::format("{} and {} lead into different arrays",
                                   index_.paths[first].dotted(), index_.paths[i].dotted()));
            }
        }
        if (array == nullptr) return emit(slots);
        const DocumentView elements = *array->as_array();
        if (elements.empty()) {
            // Not null, because {"a": null} does not select an empty array.
            static constexpr BsonView undefined{BsonType::undefined, {}};
            for (std::size_t i = 0; i < slots.size(); ++i) {
                if (slots[i].done) continue;
                finish(slots[i], slots[i].place == index_.paths[i].size() ? undefined : BsonView{});
            }
            return emit(slots);
        }
        for (const Element& element : elements) {
            std::vector<Slot> inner = slots;
            for (std::size_t i = 0; i < inner.size(); ++i) {
                if (inner[i].done) continue;
                if (inner[i].place == index_.paths[i].size()) {
                    finish(inner[i], element.value);
                } else if (element.value.is_document()) {
                    descend(i, inner[i], *element.value.as_document());
                } else {
                    finish(inner[i], BsonView{});
                }
            }
            spread(std::move(inner));
        }
    }

    void emit(const std::vector<Slot>& slots) {
        key_.restart(index_.space());
        for (const Slot& slot : slots) codec::append_key(key_, slot.value);
        out_.keys.push_back(key_.take());
    }

    [[noreturn]] void refuse(const std::string& why) const {
        throw Error{ErrorCode::type_mismatch,
                    fmt::format("collection {}: index {} cannot hold the document: {}",
                                collection_.name(), index_.definition->name, why)};
    }

    const BoundCollection& collection_;
    const BoundIndex& index_;
    IndexEntries& out_;
    codec::KeyWriter key_;
};

/// The value at a path that meets no array; none if it meets one.
std::optional<BsonView> plain_value(const FieldPath& path, DocumentView document) {
    for (std::size_t place = 0;; ++place) {
        const std::optional<BsonView> value = document.field(path.part(place));
        if (!value) return BsonView{};
        if (value->is_array()) return std::nullopt;
        if (place + 1 == path.size()) return value;
        if (!value->is_document()) return BsonView{};
        document = *value->as_document();
    }
}

}  // namespace

IndexEntries index_entries(const BoundCollection& collection, const BoundIndex& index,
                           DocumentView document) {
    IndexEntries entries;
    Expansion{collection, index, entries}.enter(std::vector<Slot>(index.paths.size()), document);
    std::ranges::sort(entries.keys);
    entries.keys.erase(std::unique(entries.keys.begin(), entries.keys.end()), entries.keys.end());
    return entries;
}

bool write_only_entry(const BoundIndex& index, const StoredDocument& document,
                      codec::KeyWriter& key) {
    key.restart(index.space());
    for (std::size_t i = 0; i < index.paths.size(); ++i) {
        const FieldPath& path = index.paths[i];
        if (index.fields[i] == BoundIndex::no_field) {
            const std::optional<BsonView> value = plain_value(path, document.view());
            if (!value) return false;
            codec::append_key(key, *value);
        } else {
            const BsonView value = document.declared(index.fields[i], path.dotted());
            if (value.is_array()) return false;
            codec::append_key(key, value);
        }
    }
    return true;
}

std::string describe_entry(const BoundIndex& index, DocumentView document) {
    std::string text;
    for (const FieldPath& path : index.paths) {
        const std::optional<BsonView> value = document.find(path.dotted());
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", path.dotted(),
                            describe(value.value_or(BsonView{})));
    }
    return fmt::format("({})", text);
}

}  // namespace amphora::document

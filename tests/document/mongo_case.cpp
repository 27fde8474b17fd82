#include "document/mongo_case.hpp"

#include "document/world.hpp"

#include <amphora/error.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace amphora::document {

namespace {

using Kind = Outcome::Kind;

/// What keeps a case from being run here, with its reason.
struct LeftOut {
    std::string why;
};

std::string text_of(DocumentView document, std::string_view name) {
    const auto field = document.field(name);
    const auto text = field ? field->as_text() : std::nullopt;
    return std::string{text.value_or("")};
}

bool is_true(DocumentView document, std::string_view name) {
    const auto field = document.field(name);
    return field && field->as_bool().value_or(false);
}

/// The collection of a case: no declared fields, an index on each field that a filter names, so
/// that the cases judge the planner too.
class CaseStore {
  public:
    explicit CaseStore(const std::vector<std::string>& indexed) : world_{definition(indexed)} {}

    void insert(DocumentView document) {
        document::insert(world_.writing, collection(), Document{document});
    }

    std::vector<Document> find(DocumentView command) {
        for (const Element& element : command) {
            if (element.name != "find" && element.name != "filter" && element.name != "limit" &&
                element.name != "skip") {
                throw LeftOut{"find with " + std::string{element.name}};
            }
        }
        FindOptions options;
        if (const auto skip = command.field("skip")) options.skip = whole(*skip);
        if (const auto limit = command.field("limit"); limit && whole(*limit) != 0) {
            options.limit = whole(*limit);
        }
        const auto filter = command.field("filter");
        if (filter && !filter->is_document()) {
            throw Error{ErrorCode::invalid_argument, "a filter is a document"};
        }
        std::vector<Document> documents;
        DocumentWindow found =
            world_.window("c", Filter{filter ? *filter->as_document() : DocumentView{}}, options);
        while (found.next()) documents.emplace_back(found.document());
        return documents;
    }

    std::uint64_t update(DocumentView command) {
        std::uint64_t count = 0;
        for (const Element& element : *command.field("updates")->as_array()) {
            const DocumentView one = *element.value.as_document();
            if (is_true(one, "upsert")) throw LeftOut{"upsert"};
            for (const char* name : {"arrayFilters", "collation", "hint"}) {
                if (one.field(name)) throw LeftOut{std::string{"update with "} + name};
            }
            if (one.field("u")->is_array()) throw LeftOut{"update by a pipeline"};
            count += document::update(world_.writing, collection(),
                                      Filter{*one.field("q")->as_document()},
                                      Update{Document{*one.field("u")->as_document()}},
                                      is_true(one, "multi") ? Extent::all : Extent::first);
        }
        return count;
    }

    [[nodiscard]] std::vector<std::string> findings() const { return world_.findings(); }

  private:
    static catalog::Definition definition(const std::vector<std::string>& indexed) {
        catalog::Definition definition;
        catalog::Collection collection;
        collection.name = "c";
        for (const std::string& path : indexed) {
            catalog::Index index;
            index.name = "by_" + path;
            index.columns = {path};
            collection.indexes.push_back(index);
        }
        definition.collections.push_back(collection);
        return definition;
    }
    [[nodiscard]] const BoundCollection& collection() const { return world_.at("c"); }
    static std::size_t whole(BsonView value) {
        const auto number = value.as_int64();
        if (!number || *number < 0) throw LeftOut{"a limit or skip below zero"};
        return static_cast<std::size_t>(*number);
    }

    World world_;
};

/// The fields that the filters of a case are about.
std::vector<std::string> fields_of(DocumentView test) {
    std::vector<std::string> fields;
    for (const Element& step : *test.field("steps")->as_array()) {
        const auto filter = step.value.as_document()->find("command.filter");
        if (!filter || !filter->is_document()) continue;
        for (const Element& field : *filter->as_document()) {
            const std::string name{field.name};
            if (name.empty() || name.starts_with('$') || name == "_id") continue;
            if (std::ranges::find(fields, name) == fields.end()) fields.push_back(name);
        }
    }
    return fields;
}

/// {"$approx": x} is x here: what is computed is computed exactly.
BsonView without_tolerance(BsonView expected) {
    const auto document = expected.as_document();
    if (document && document->count() == 1 && document->begin()->name == "$approx") {
        return document->begin()->value;
    }
    return expected;
}

bool is_same_set(const std::vector<BsonView>& expected, std::vector<BsonView> actual) {
    if (expected.size() != actual.size()) return false;
    for (const BsonView value : expected) {
        const auto found = std::ranges::find_if(
            actual, [&](BsonView candidate) { return is_same(value, candidate); });
        if (found == actual.end()) return false;
        actual.erase(found);
    }
    return true;
}

/// What the last step has answered.
struct Answer {
    std::optional<std::vector<Document>> documents;
    std::optional<std::uint64_t> count;
    std::optional<Error> error;

    [[nodiscard]] std::string describe() const {
        if (error) return std::string{"error "} + error->what();
        std::string text;
        if (documents) {
            for (const Document& document : *documents) {
                text += to_json(document, JsonFormat::canonical) + " ";
            }
        }
        if (count) text += fmt::format("n = {}", *count);
        return text;
    }
};

Answer run_step(CaseStore& store, DocumentView step) {
    Answer answer;
    const std::string operation = text_of(step, "op");
    try {
        if (operation == "insert") {
            for (const Element& document : *step.field("docs")->as_array()) {
                store.insert(*document.value.as_document());
            }
        } else if (operation == "command") {
            const DocumentView command = *step.field("command")->as_document();
            const std::string_view name = command.begin()->name;
            if (name == "find") {
                answer.documents = store.find(command);
            } else if (name == "update") {
                answer.count = store.update(command);
            } else {
                throw LeftOut{"command " + std::string{name}};
            }
        } else {
            throw LeftOut{"step " + operation};
        }
    } catch (const Error& error) {
        answer.error = error;
    }
    return answer;
}

bool is_as_expected(DocumentView expected, const Answer& answer) {
    const std::string kind = text_of(expected, "kind");
    if (kind == "error") {
        // Refused, but not for the reason that MongoDB has.
        if (answer.error && answer.error->code() == ErrorCode::unsupported) return false;
        return answer.error.has_value();
    }
    if (answer.error) return false;
    if (kind == "ok") return true;
    if (kind == "docs") {
        if (!answer.documents) throw LeftOut{"documents of something else than find"};
        std::vector<BsonView> wanted;
        for (const Element& value : *expected.field("value")->as_array()) {
            wanted.push_back(value.value);
        }
        std::vector<BsonView> documents;
        for (const Document& document : *answer.documents) {
            documents.push_back(BsonView{BsonType::document, document.bytes()});
        }
        // Without a sort, MongoDB answers in the order of insertion, here it is an index's.
        return is_same_set(wanted, documents);
    }
    if (kind == "partial" || kind == "raw") {
        const auto value = expected.field("value");
        const auto count = value ? value->as_document()->field("n") : std::nullopt;
        if (!count || !answer.count) throw LeftOut{"the server's own answer"};
        return static_cast<std::uint64_t>(*count->as_int64()) == *answer.count;
    }
    throw LeftOut{"expectation " + kind};
}

}  // namespace

bool is_same(BsonView expected, BsonView actual) {
    expected = without_tolerance(expected);
    if (expected.type() != actual.type()) return false;
    if (expected.is_document()) {
        const DocumentView one = *expected.as_document();
        const DocumentView other = *actual.as_document();
        if (one.count() != other.count()) return false;
        return std::ranges::all_of(one.begin(), std::default_sentinel, [&](const Element& field) {
            const auto found = other.field(field.name);
            return found && is_same(field.value, *found);
        });
    }
    if (expected.is_array()) {
        const DocumentView one = *expected.as_array();
        const DocumentView other = *actual.as_array();
        if (one.count() != other.count()) return false;
        return std::ranges::all_of(one.begin(), std::default_sentinel, [&](const Element& field) {
            const auto found = other.field(field.name);
            return found && is_same(field.value, *found);
        });
    }
    if (expected.type() == BsonType::real) {
        const double one = *expected.as_double();
        const double other = *actual.as_double();
        if (std::isnan(one) || std::isnan(other)) return std::isnan(one) && std::isnan(other);
        return one == other && std::signbit(one) == std::signbit(other);
    }
    return expected == actual;
}

Outcome run_case(DocumentView test) {
    try {
        if (test.field("requires")) throw LeftOut{"needs a server"};
        const DocumentView steps = *test.field("steps")->as_array();
        CaseStore store{fields_of(test)};
        std::vector<Answer> answers;
        for (const Element& step : steps) {
            answers.push_back(run_step(store, *step.value.as_document()));
        }
        for (const Element& expectation : *test.field("expect")->as_array()) {
            const DocumentView expected = *expectation.value.as_document();
            const auto place = static_cast<std::size_t>(*expected.field("step")->as_int64());
            if (is_as_expected(expected, answers.at(place))) continue;
            // Something on the way there that is not offered: not the answer is wrong.
            for (std::size_t i = 0; i <= place; ++i) {
                if (answers[i].error && answers[i].error->code() == ErrorCode::unsupported) {
                    throw LeftOut{answers[i].error->what()};
                }
            }
            std::string before;
            for (std::size_t i = 0; i < place; ++i) {
                if (answers[i].error) {
                    before += fmt::format("step {}: {}; ", i, answers[i].error->what());
                }
            }
            return {Kind::failed, before + answers.at(place).describe()};
        }
        const std::vector<std::string> findings = store.findings();
        if (!findings.empty()) return {Kind::failed, "check: " + findings.front()};
    } catch (const LeftOut& left_out) {
        return {Kind::left_out, left_out.why};
    }
    return {};
}

}  // namespace amphora::document

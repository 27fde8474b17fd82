#include "catalog/language/parser.hpp"

#include "catalog/language/clause_parser.hpp"
#include "catalog/language/resolver.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace amphora::catalog {

namespace {

constexpr std::array<std::string_view, 20> statements_of_others{
    "ALTER",  "DROP",     "INSERT", "UPDATE", "DELETE", "SELECT", "SET",
    "USE",    "GRANT",    "PRAGMA", "BEGIN",  "COMMIT", "START",  "REPLACE",
    "RENAME", "TRUNCATE", "CALL",   "MERGE",  "LOCK",   "COMMENT"};
constexpr std::array<std::string_view, 16> objects_of_others{
    "VIEW",   "TRIGGER",  "TEMPORARY", "TEMP", "SCHEMA", "DATABASE",  "SEQUENCE", "TYPE",
    "DOMAIN", "FUNCTION", "PROCEDURE", "USER", "ROLE",   "EXTENSION", "VIRTUAL",  "OR"};

// Bounds on the number of things that are compared with each other.
constexpr std::size_t declarations_max = 4096;
constexpr std::size_t index_statements_max = 16'384;

class Parser {
  public:
    Parser(const SchemaText& text, syntax::Script& script)
        : tokens_{text.text, text.name}, script_{script} {}

    void run() {
        while (!tokens_.at_end()) {
            if (tokens_.accept_sign(";")) continue;
            parse_statement();
            if (!tokens_.at_end()) tokens_.expect_sign(";");
        }
    }

  private:
    enum class Store : std::uint8_t { rows, documents };

    void parse_statement() {
        refuse_statements_of_others();
        tokens_.expect_word("CREATE");
        if (tokens_.accept({"TABLE"})) {
            parse_declaration(Store::rows);
        } else if (tokens_.accept({"COLLECTION"})) {
            parse_declaration(Store::documents);
        } else if (tokens_.sees({"UNIQUE"}) || tokens_.sees({"INDEX"})) {
            parse_index();
        } else {
            for (const std::string_view object : objects_of_others) {
                if (tokens_.sees({object})) {
                    fail_unsupported(tokens_.place(),
                                     fmt::format("CREATE {} is not supported", object));
                }
            }
            tokens_.fail_expected("TABLE, COLLECTION, INDEX or UNIQUE INDEX");
        }
    }

    void refuse_statements_of_others() const {
        for (const std::string_view statement : statements_of_others) {
            if (tokens_.sees({statement})) {
                fail_unsupported(
                    tokens_.place(),
                    fmt::format("{} is not supported: a schema declares what should be there",
                                statement));
            }
        }
    }

    bool accept_if_not_exists() {
        if (!tokens_.accept({"IF"})) return false;
        tokens_.expect_word("NOT");
        tokens_.expect_word("EXISTS");
        return true;
    }

    void parse_declaration(Store store) {
        const bool is_collection = store == Store::documents;
        syntax::Declaration declaration;
        declaration.is_collection = is_collection;
        declaration.if_not_exists = accept_if_not_exists();
        declaration.name = expect_plain_name(
            tokens_, is_collection ? "the name of a collection" : "the name of a table");
        tokens_.expect_sign("(");
        if (!(is_collection && tokens_.sees_sign(")"))) {
            do {
                if (sees_table_constraint(tokens_)) {
                    parse_table_constraint(tokens_, declaration);
                } else {
                    parse_column(tokens_, declaration);
                }
            } while (tokens_.accept_sign(","));
        }
        if (!tokens_.sees_sign(")")) {
            tokens_.refuse_unsupported_clause();
            tokens_.fail_expected("',' or ')'");
        }
        tokens_.expect_sign(")");
        if (tokens_.accept({"WITH"})) parse_options(tokens_, declaration);
        if (!tokens_.at_end() && !tokens_.sees_sign(";")) {
            tokens_.refuse_unsupported_clause();
            if (tokens_.sees({"DEFAULT"}) || tokens_.sees({"AUTO_INCREMENT"})) {
                fail_unsupported(tokens_.place(),
                                 "the only option of a table is WITH (before = TRUE)");
            }
            tokens_.fail_expected("';'");
        }
        if (script_.declarations.size() == declarations_max) {
            fail_syntax(
                declaration.name.place,
                fmt::format("a schema has at most {} tables and collections", declarations_max));
        }
        script_.declarations.push_back(std::move(declaration));
    }

    void parse_index() {
        syntax::IndexStatement statement;
        statement.index.place = tokens_.place();
        statement.index.unique = tokens_.accept({"UNIQUE"});
        tokens_.expect_word("INDEX");
        if (tokens_.sees({"IF"}) && tokens_.peek(1).kind == Token::Kind::word &&
            same_name(tokens_.peek(1).text, "NOT")) {
            fail_unsupported(tokens_.place(),
                             "IF NOT EXISTS is not supported for an index: indexes that "
                             "are there already are left as they are");
        }
        statement.index.name = expect_plain_name(tokens_, "the name of an index");
        tokens_.expect_word("ON");
        statement.owner = expect_plain_name(tokens_, "the name of a table or collection");
        statement.index.columns = parse_index_columns(tokens_);
        if (script_.indexes.size() == index_statements_max) {
            fail_syntax(statement.index.place,
                        fmt::format("a schema has at most {} statements CREATE INDEX",
                                    index_statements_max));
        }
        script_.indexes.push_back(std::move(statement));
    }

    TokenStream tokens_;
    syntax::Script& script_;
};

void refuse_system_names(const syntax::Script& script) {
    for (const syntax::Declaration& declaration : script.declarations) {
        if (is_system_name(declaration.name.text)) fail_system_name(declaration.name);
        for (const syntax::Reference& reference : declaration.references) {
            if (is_system_name(reference.parent.text)) fail_system_name(reference.parent);
        }
    }
    for (const syntax::IndexStatement& statement : script.indexes) {
        if (is_system_name(statement.owner.text)) fail_system_name(statement.owner);
    }
}

}  // namespace

Definition parse_schema(std::string_view text, std::string_view source_name,
                        SystemNames system_names) {
    const SchemaText one{text, source_name};
    return parse_schemas({&one, 1}, {}, system_names);
}

Definition parse_schemas(std::span<const SchemaText> texts, const Definition& stored,
                         SystemNames system_names) {
    syntax::Script script;
    for (const SchemaText& text : texts) Parser{text, script}.run();
    if (system_names == SystemNames::refused) refuse_system_names(script);
    return resolve(script, stored);
}

}  // namespace amphora::catalog

#include "catalog/language/resolver.hpp"

#include "catalog/language/declaration_builder.hpp"
#include "catalog/language/reference_resolver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace amphora::catalog {

namespace {

class Resolver {
  public:
    Resolver(const syntax::Script& script, const Definition& stored)
        : script_{script}, stored_{stored} {}

    Definition run() {
        choose_declarations();
        for (const syntax::Declaration* declaration : tables_) {
            definition_.tables.push_back(build_table(*declaration, indexes_of(*declaration)));
        }
        for (const syntax::Declaration* declaration : collections_) {
            definition_.collections.push_back(
                build_collection(*declaration, indexes_of(*declaration)));
        }
        require_index_owners();
        resolve_references(definition_, tables_, collections_, stored_);
        return std::move(definition_);
    }

  private:
    using Declarations = std::vector<const syntax::Declaration*>;

    /// Keeps one declaration for each name. IF NOT EXISTS is replaced by one without it, anywhere,
    /// and by an earlier one with it.
    void choose_declarations() {
        Declarations chosen;
        for (const syntax::Declaration& declaration : script_.declarations) {
            const auto rival = std::find_if(chosen.begin(), chosen.end(), [&](const auto* other) {
                return same_name(other->name.text, declaration.name.text);
            });
            if (rival == chosen.end()) {
                chosen.push_back(&declaration);
            } else if ((*rival)->is_collection != declaration.is_collection) {
                fail_syntax(declaration.name.place,
                            fmt::format("{} is a table and a collection; the other is at {}",
                                        declaration.name.text, to_string((*rival)->name.place)));
            } else if ((*rival)->if_not_exists && !declaration.if_not_exists) {
                *rival = &declaration;
            } else if (!declaration.if_not_exists) {
                fail_syntax(declaration.name.place,
                            fmt::format("{} is declared twice; first at {}", declaration.name.text,
                                        to_string((*rival)->name.place)));
            }
        }
        for (const syntax::Declaration* declaration : chosen) {
            (declaration->is_collection ? collections_ : tables_).push_back(declaration);
        }
    }

    [[nodiscard]] std::vector<syntax::Index> indexes_of(
        const syntax::Declaration& declaration) const {
        std::vector<syntax::Index> indexes = declaration.indexes;
        for (const syntax::IndexStatement& statement : script_.indexes) {
            if (same_name(statement.owner.text, declaration.name.text)) {
                indexes.push_back(statement.index);
            }
        }
        return indexes;
    }

    void require_index_owners() const {
        for (const syntax::IndexStatement& statement : script_.indexes) {
            const std::string& owner = statement.owner.text;
            if (definition_.find_table(owner) == nullptr &&
                definition_.find_collection(owner) == nullptr) {
                fail_syntax(
                    statement.owner.place,
                    fmt::format("there is no table or collection {} in this schema", owner));
            }
        }
    }

    const syntax::Script& script_;
    const Definition& stored_;
    Declarations tables_, collections_;
    Definition definition_;
};

}  // namespace

Definition resolve(const syntax::Script& script, const Definition& stored) {
    return Resolver{script, stored}.run();
}

}  // namespace amphora::catalog

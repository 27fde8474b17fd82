#include "catalog/language/clause_parser.hpp"
#include "catalog/language/retain.hpp"

#include <fmt/format.h>

#include <utility>

namespace amphora::catalog {

namespace {

constexpr std::uint32_t documents_max = 1'000'000'000;

bool parse_truth(TokenStream& tokens) {
    if (tokens.accept({"TRUE"})) return true;
    if (!tokens.accept({"FALSE"})) tokens.fail_expected("TRUE or FALSE");
    return false;
}

syntax::Name parse_period(TokenStream& tokens) {
    const SourceLocation place = tokens.place();
    std::string value = tokens.expect_string("a length of time, as in '90 days'");
    if (!retain_period(value)) {
        fail_syntax(place, fmt::format("expected a length of time, as in '90 days' or '12 hours', "
                                       "found '{}'",
                                       value));
    }
    return {std::move(value), place};
}

syntax::Count parse_count(TokenStream& tokens) {
    const SourceLocation place = tokens.place();
    return {tokens.expect_number("a number of documents", 1, documents_max), place};
}

syntax::Name parse_field(TokenStream& tokens) {
    const SourceLocation place = tokens.place();
    return {tokens.expect_string("the name of a field, as in 'at'"), place};
}

class OptionParser {
  public:
    OptionParser(TokenStream& tokens, syntax::Declaration& declaration)
        : tokens_{tokens}, declaration_{declaration} {}

    void run() {
        tokens_.expect_sign("(");
        do {
            parse_option();
        } while (tokens_.accept_sign(","));
        tokens_.expect_sign(")");
    }

  private:
    void parse_option() {
        const SourceLocation place = tokens_.place();
        const syntax::Name option = tokens_.expect_name("the name of an option");
        if (same_name(option.text, "before")) {
            take(option, declaration_.before, parse_truth);
        } else if (!declaration_.is_collection || !parse_retention(option)) {
            fail_unsupported(
                place,
                fmt::format("the option {} is not supported: {}", option.text,
                            declaration_.is_collection
                                ? "a collection has retain, retain_by, retain_count, expire_by "
                                  "and before"
                                : "a table has only before"));
        }
    }

    bool parse_retention(const syntax::Name& option) {
        syntax::Retention& retention = declaration_.retention;
        if (same_name(option.text, "retain")) {
            take(option, retention.retain, parse_period);
        } else if (same_name(option.text, "retain_by")) {
            take(option, retention.retain_by, parse_field);
        } else if (same_name(option.text, "retain_count")) {
            take(option, retention.retain_count, parse_count);
        } else if (same_name(option.text, "expire_by")) {
            take(option, retention.expire_by, parse_field);
        } else {
            return false;
        }
        return true;
    }

    template <class Value, class Parse>
    void take(const syntax::Name& option, std::optional<Value>& into, Parse parse) {
        if (into) fail_syntax(option.place, fmt::format("{} is said twice", option.text));
        tokens_.expect_sign("=");
        into = parse(tokens_);
    }

    TokenStream& tokens_;
    syntax::Declaration& declaration_;
};

}  // namespace

void parse_options(TokenStream& tokens, syntax::Declaration& declaration) {
    OptionParser{tokens, declaration}.run();
}

}  // namespace amphora::catalog

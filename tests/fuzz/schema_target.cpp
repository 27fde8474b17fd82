// The schema language: any text is understood or refused with its place, and what is understood can
// be printed and means the same.

#include "catalog/language/parser.hpp"
#include "catalog/language/print.hpp"
#include "fuzz/require.hpp"

#include <amphora/error.hpp>

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace amphora;
    catalog::Definition definition;
    try {
        definition = catalog::parse_schema(fuzz::text_of(data, size), "fuzz.sql");
    } catch (const Error& error) {
        fuzz::require(
            error.code() == ErrorCode::schema_syntax || error.code() == ErrorCode::unsupported,
            "a bad schema is schema_syntax or unsupported",
            [&] { return std::string{error.what()}; });
        fuzz::require(std::string_view{error.what()}.starts_with("fuzz.sql:"),
                      "a refusal names its place", [&] { return std::string{error.what()}; });
        return 0;
    }
    std::string printed = to_sql(definition);
    try {
        fuzz::require(catalog::parse_schema(printed, "printed.sql") == definition,
                      "a printed schema means the same", [&] { return printed; });
    } catch (const Error& error) {
        fuzz::fail("a printed schema is understood", error.what() + ("\n" + printed));
    }
    return 0;
}

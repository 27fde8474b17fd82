// Filters: a stream of JSON whose first document is the filter, and the others what it is asked
// about. A filter is understood or refused by name, answers the same when it is parsed again, and
// its negation answers the opposite.

#include "document/query/filter.hpp"
#include "fuzz/documents.hpp"
#include "fuzz/require.hpp"

#include <amphora/error.hpp>

#include <optional>

namespace {

using namespace amphora;

std::optional<document::Filter> parse(const Document& text) {
    try {
        return document::Filter{text};
    } catch (const Error& error) {
        fuzz::require(
            error.code() == ErrorCode::invalid_argument || error.code() == ErrorCode::unsupported,
            "a bad filter is invalid_argument or unsupported",
            [&] { return std::string{error.what()}; });
        return std::nullopt;
    }
}

/// None: the filter is so deep that two levels more are too many.
std::optional<document::Filter> negate(const Document& text) {
    try {
        return document::Filter{Document{{"$nor", Array{text}}}};
    } catch (const Error&) {
        return std::nullopt;
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::ReadDocuments read = fuzz::read_documents(fuzz::text_of(data, size), size + 1);
    if (read.documents.empty()) return 0;
    const Document& text = read.documents.front();
    const auto filter = parse(text);
    if (!filter) return 0;
    const auto again = parse(Document{filter->text()});
    fuzz::require(again.has_value(), "the text of a filter is a filter");
    const auto negation = negate(text);
    for (const Document& document : read.documents) {
        const bool matches = filter->matches(document);
        const auto details = [&] { return to_json(text) + "\n" + to_json(document); };
        fuzz::require(again->matches(document) == matches, "a filter always means the same",
                      details);
        fuzz::require(!filter->is_empty() || matches, "no condition selects everything", details);
        fuzz::require(!negation || negation->matches(document) != matches, "$nor is the opposite",
                      details);
    }
    return 0;
}

// Updates: a stream of JSON whose first document is the update, and the others what it is applied
// to. What comes out is a valid document with the same _id, or a refusal by name.

#include "codec/bson/validator.hpp"
#include "document/update/update.hpp"
#include "fuzz/documents.hpp"
#include "fuzz/require.hpp"

#include <amphora/error.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace {

using namespace amphora;

constexpr std::int64_t now_ms = 1'767'225'600'000;

template <std::size_t count>
void require_one_of(const std::array<ErrorCode, count>& codes, const Error& error) {
    fuzz::require(std::find(codes.begin(), codes.end(), error.code()) != codes.end(),
                  "a refusal of an update has one of the codes that are promised",
                  [&] { return std::string{error.code_name()} + ": " + error.what(); });
}

std::optional<document::Update> parse(const Document& text) {
    try {
        return document::Update{text};
    } catch (const Error& error) {
        require_one_of(std::array{ErrorCode::invalid_argument, ErrorCode::unsupported}, error);
        return std::nullopt;
    }
}

std::optional<Document> apply(const document::Update& update, const Document& document) {
    try {
        return update.apply(document, now_ms);
    } catch (const Error& error) {
        require_one_of(std::array{ErrorCode::invalid_argument, ErrorCode::type_mismatch,
                                  ErrorCode::value_out_of_range, ErrorCode::value_too_large},
                       error);
        return std::nullopt;
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::ReadDocuments read = fuzz::read_documents(fuzz::text_of(data, size), size + 1);
    if (read.documents.empty()) return 0;
    const Document& text = read.documents.front();
    const auto update = parse(text);
    if (!update) return 0;
    for (const Document& before : read.documents) {
        const std::optional<Document> after = apply(*update, before);
        if (!after) continue;
        const auto details = [&] {
            return to_json(text) + "\n" + to_json(before) + "\n" + to_json(*after);
        };
        fuzz::require_sound(*after);
        const auto id = before.field("_id");
        fuzz::require(!id || after->field("_id") == id, "the _id stays", details);
        fuzz::require(apply(*update, before) == after, "an update always does the same", details);
    }
    return 0;
}

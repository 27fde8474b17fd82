#include "database/adoption.hpp"

#include "database/measured_writing.hpp"
#include "document/statement.hpp"
#include "relational/constraint/row_verification.hpp"
#include "relational/row/stored_row.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace amphora {

namespace {

constexpr std::uint64_t mib = 1u << 20;

/// A new column for which existing rows would have no value needs a table without rows.
void require_empty_tables(const transaction::Reading& reading, const stores::BoundSchema& schema,
                          const std::vector<catalog::Difference>& conditions) {
    for (const catalog::Difference& condition : conditions) {
        if (condition.kind != catalog::Difference::Kind::empty_only) continue;
        const auto row =
            relational::find_first_row(reading, schema.tables().require(condition.owner));
        if (!row) continue;
        throw Error{ErrorCode::schema_mismatch,
                    fmt::format("the schema does not fit what is stored; nothing was changed: {}, "
                                "and the stored rows have no value for it, the first one with {}; "
                                "declare the column without NOT NULL and DEFAULT, or with "
                                "a literal DEFAULT, or remove the rows first",
                                condition.text, *row)};
    }
}

/// Whether it is an error about a stored row or document.
bool is_violation(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::not_null_violation:
        case ErrorCode::check_violation:
        case ErrorCode::foreign_key_violation:
        case ErrorCode::duplicate_key:
        case ErrorCode::type_mismatch:
        case ErrorCode::value_out_of_range:
        case ErrorCode::value_too_large:
        case ErrorCode::invalid_utf8:
        case ErrorCode::invalid_argument:
            return true;
        default:
            return false;
    }
}

std::shared_ptr<const stores::BoundSchema> write(transaction::Writing& writing,
                                                 const catalog::Catalog& stored,
                                                 const catalog::Definition& wanted,
                                                 Sequence oldest_prior, catalog::Applied& applied) {
    applied = catalog::apply_additive(writing, stored, wanted, oldest_prior);
    auto schema = std::make_shared<const stores::BoundSchema>(applied.catalog);
    require_empty_tables(writing, *schema, applied.conditions);
    for (const auto& [owner, index] : applied.indexes) {
        if (const relational::BoundTable* table = schema->tables().find(owner)) {
            relational::fill_index(writing, *table, table->require_index(index));
        } else {
            const document::BoundCollection& collection = schema->collections().require(owner);
            document::fill_index(writing, collection, collection.require_index(index));
        }
    }
    std::set<std::string> owners;
    for (const auto& added : applied.fields) owners.insert(added.collection);
    for (const catalog::Difference& condition : applied.conditions) owners.insert(condition.owner);
    for (const std::string& owner : owners) {
        if (const relational::BoundTable* table = schema->tables().find(owner)) {
            relational::require_rows_valid(writing, *table);
        } else {
            document::adopt_fields(writing, schema->collections().require(owner));
        }
    }
    return schema;
}

Sequence oldest_prior_of(const Core& core) {
    return core.journal->segments().front().prior;
}

std::string in_words(const catalog::Applied& applied) {
    std::vector<std::string> parts;
    for (const auto& added : applied.indexes) {
        parts.push_back(fmt::format("index {} of {}", added.index, added.owner));
    }
    for (const auto& added : applied.fields) {
        parts.push_back(fmt::format("field {} of {}", added.field, added.collection));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

std::uint64_t up_to_mib(std::uint64_t bytes) {
    return (bytes + mib - 1) / mib * mib;
}

/// The options to change so that a transaction of this size fits; empty: no journal segment can be
/// that large.
std::string fitting_options(const MeasuredWriting& size, const ResolvedOptions& now) {
    // The epoch's record, and the headers of segment and frame.
    constexpr std::uint64_t small_things = 64u << 10;
    const std::uint64_t commit = up_to_mib(size.bytes() + small_things);
    const std::uint64_t segment =
        up_to_mib(std::max(commit / 3 * 4 + 4, size.record_bytes() + small_things));
    if (segment > segment_bytes_max) return {};
    std::string options = fmt::format("commit_bytes_max {}", commit);
    const auto raise = [&](const char* option, std::uint64_t from, std::uint64_t to) {
        if (from < to) options += fmt::format(", {} {}", option, to);
    };
    raise("segment_bytes", now.journal.segment_bytes, segment);
    raise("pending_bytes_max", now.outbox.pending_bytes_max, commit);
    // A bound that is left to the profile follows the segment size by itself.
    if (now.given.journal_bytes_max != 0) {
        raise("journal_bytes_max", now.outbox.journal_bytes_max, 4 * segment);
    }
    return options;
}

[[noreturn]] void refuse_too_large(Core& core, const catalog::Catalog& stored,
                                   const catalog::Definition& wanted) {
    const auto writing = core.engine->begin({.feeds = outbox::FeedBound::ignored});
    MeasuredWriting size{*writing};
    catalog::Applied applied;
    static_cast<void>(write(size, stored, wanted, oldest_prior_of(core), applied));
    const std::string options = fitting_options(size, core.options);
    throw Error{
        ErrorCode::transaction_too_large,
        fmt::format(
            "{}: adding {} to what is stored takes one transaction of {:.1f} MiB, and one may "
            "hold {:.1f} MiB; nothing was changed; {}",
            core.path, in_words(applied),
            static_cast<double>(size.bytes()) / static_cast<double>(mib),
            static_cast<double>(core.options.engine.commit_bytes_max) / static_cast<double>(mib),
            options.empty()
                ? "no segment of the journal can be so large; declare a new table or collection "
                  "that has it, and copy the contents over in parts"
                : fmt::format("open it once with Options {{{}}}; later openings need none of "
                              "that",
                              options))};
}

}  // namespace

std::shared_ptr<const stores::BoundSchema> adopt(Core& core, const catalog::Catalog& stored,
                                                 const catalog::Definition& wanted) {
    try {
        auto writing = core.engine->begin({.feeds = outbox::FeedBound::ignored});
        catalog::Applied applied;
        auto schema = write(*writing, stored, wanted, oldest_prior_of(core), applied);
        core.engine->commit(std::move(writing));
        return schema;
    } catch (const Error& error) {
        if (is_violation(error.code())) {
            throw Error{ErrorCode::schema_mismatch,
                        fmt::format("the schema does not fit what is stored; nothing was changed: "
                                    "{}; change or remove what does not fit, or open with a schema "
                                    "that does not ask for it",
                                    error.what())};
        }
        if (error.code() != ErrorCode::transaction_too_large) throw;
    }
    refuse_too_large(core, stored, wanted);
}

}  // namespace amphora

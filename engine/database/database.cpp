#include <amphora/database.hpp>

#include "codec/utf8.hpp"
#include "database/core.hpp"
#include "database/figures.hpp"
#include "database/observation.hpp"
#include "database/opening.hpp"
#include "database/reader_state.hpp"
#include "outbox/context.hpp"
#include "tree/rocks/environment/living_threads.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <string_view>
#include <utility>

namespace amphora {

namespace {

constexpr std::string_view origin_of_engine = "amphora.";

void require_text(std::string_view what, std::string_view text) {
    if (text.size() > outbox::context_text_bytes_max) {
        throw Error{ErrorCode::value_too_large,
                    fmt::format("the {} of a transaction has {} bytes; it may have {}", what,
                                text.size(), outbox::context_text_bytes_max)};
    }
    if (const auto offset = codec::find_invalid_utf8(text)) {
        throw Error{ErrorCode::invalid_utf8,
                    fmt::format("the {} of a transaction is not UTF-8: byte {}", what, *offset)};
    }
}

outbox::Context require_context(const WriteOptions& options) {
    if (options.origin.empty() && options.correlation.empty()) [[likely]] {
        return {};
    }
    require_text("origin", options.origin);
    require_text("correlation", options.correlation);
    if (options.origin.starts_with(origin_of_engine)) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("the origin {} is reserved: origins that begin with {} are the "
                                "engine's own; choose another name",
                                options.origin, origin_of_engine)};
    }
    return {.origin = options.origin, .correlation = options.correlation};
}

/// From now on expired documents are removed, and observers may look. Only programs open a database for
/// that: a repair or the test of a restored database does neither.
std::shared_ptr<Core> put_to_work(std::shared_ptr<Core> core) {
    core->retention = std::make_unique<retention::Retention>(*core->engine, *core->outbox,
                                                             core->schema, core->options.given.log);
    if (!core->is_read_only()) core->retention->start();
    if (core->live_owner) {
        core->live_owner->open(core->engine->epoch(),
                               [&opened = *core] { return figures_of(opened); });
    }
    return core;
}

std::shared_ptr<Core> open_to_work(const std::string& path,
                                   std::optional<std::span<const Schema>> schemas,
                                   const Options& options) {
    if (options.mode != OpenMode::live) return put_to_work(open_core(path, schemas, options));
    auto core = std::make_shared<Core>(path, resolve(options));
    core->observation = std::make_shared<detail::Observation>(path, schemas, options);
    core->open.store(true, std::memory_order_release);
    return core;
}

}  // namespace

Database::Database(std::shared_ptr<Core> core) noexcept : core_{std::move(core)} {}
Database::Database(Database&&) noexcept = default;

Database& Database::operator=(Database&& other) noexcept {
    Database closed{std::move(*this)};
    core_ = std::move(other.core_);
    return *this;
}

Database::~Database() {
    if (!core_ || core_->process.elsewhere()) return;
    try {
        core_->close();
    } catch (const std::exception& error) {
        // What is durable stays durable; the error can only be logged.
        core_->log(fmt::format("closing {}: {}", core_->path, error.what()));
    }
}

Core& Database::core() const {
    if (core_) [[likely]] {
        return *core_;
    }
    throw Error{ErrorCode::transaction_closed,
                "this Database was moved from; use the one that it was moved to"};
}

std::shared_ptr<Core> Database::current() const {
    const Core& core = this->core();
    return core.observation ? core.observation->newest() : core_;
}

Database Database::open(const std::string& path, const Schema& schema, const Options& options) {
    return Database{open_to_work(path, std::span{&schema, 1}, options)};
}

Database Database::open(const std::string& path, std::span<const Schema> schemas,
                        const Options& options) {
    return Database{open_to_work(path, schemas, options)};
}

Database Database::open(const std::string& path, const Options& options) {
    return Database{open_to_work(path, std::nullopt, options)};
}

Database Database::temporary(const Schema& schema, const Options& options) {
    return temporary(std::span{&schema, 1}, options);
}

Database Database::temporary(std::span<const Schema> schemas, const Options& options) {
    rocks::require_living_threads("a temporary database");
    auto directory = std::make_unique<TemporaryDirectory>();
    Options writable = options;
    writable.mode = OpenMode::create_if_missing;
    std::shared_ptr<Core> core = open_to_work(directory->path(), schemas, writable);
    core->vanishing = std::move(directory);
    return Database{std::move(core)};
}

Transaction Database::begin(const WriteOptions& options) {
    const Core::Use use{core()};
    core().require_writable();
    transaction::BeginOptions begin;
    begin.durability = options.durability.value_or(core().options.given.durability);
    begin.timeout = options.timeout;
    const outbox::Context context = require_context(options);
    auto writing = core().engine->begin(begin);
    if (context != outbox::Context{}) writing->set_context(context);
    return Transaction{std::make_shared<detail::ReaderState>(core_, std::move(writing))};
}

Snapshot Database::snapshot() const {
    const auto core = current();
    const Core::Use use{*core};
    core->require_usable();
    return Snapshot{std::make_shared<detail::ReaderState>(core, core->engine->snapshot())};
}

Commit Database::refresh() {
    const Core::Use use{core()};
    core().require_usable();
    if (core().observation) return core().observation->refresh();
    return core().engine->snapshot()->commit_seen();
}

bool Database::wait(const Commit& commit, Delivery delivery,
                    std::optional<std::chrono::milliseconds> timeout) const {
    const auto core = current();
    const Core::Use use{*core};
    core->require_usable();
    const Deadline deadline{timeout};
    for (const TreeId tree : trees_all) {
        const bool asked = delivery == Delivery::both ||
                           (delivery == Delivery::relational) == (tree == TreeId::relational);
        if (!asked) continue;
        if (!core->engine->await_delivered(tree, commit, deadline)) return false;
    }
    return true;
}

void Database::sync(const Commit& commit) const {
    const Core::Use use{core()};
    core().require_writable();
    core().engine->require_known(commit);
    core().journal->await_proven(commit.sequence);
}

std::uint64_t Database::expire_now() {
    const Core::Use use{core()};
    core().require_writable();
    return core().retention->expire_now();
}

void Database::compact() {
    const Core::Use use{core()};
    core().require_writable();
    core().documents->compact();
}

void Database::close() {
    core().close();
}

const std::string& Database::path() const {
    return core().path;
}

}  // namespace amphora

#include "database/core.hpp"
#include "database/row_access.hpp"
#include "document/collection/keys.hpp"
#include "relational/row/row_key.hpp"
#include "stores/documents.hpp"
#include "stores/rows.hpp"

#include <amphora/database.hpp>
#include <amphora/error.hpp>

#include <memory>
#include <utility>
#include <vector>

/// Observers of commits and of queries: what they read, and how results are shown.
namespace amphora {

namespace {

using detail::ObservedSource;

[[noreturn]] void refuse_no_callback() {
    throw Error{ErrorCode::invalid_argument, "observe: there is no callback; give a function"};
}

void read_rows(const transaction::Reading& reading, const stores::BoundSchema& schema,
               const relational::BoundTable& table, const Conditions& conditions,
               const ObservedSource::Take& take) {
    relational::RowScan rows = stores::scan(reading, schema, Table{table.name()}, conditions);
    std::vector<Cell> primary;
    while (rows.next()) {
        const relational::Row row = rows.row();
        primary.clear();
        for (const std::uint32_t column : table.primary().columns) {
            primary.push_back(row.cell(column));
        }
        if (!take(relational::RowKey{table, primary}.bytes(), row.bytes())) return;
    }
}

void read_documents(const transaction::Reading& reading, const stores::BoundSchema& schema,
                    const document::BoundCollection& collection, const Document& filter,
                    const ObservedSource::Take& take) {
    const auto documents = stores::find(reading, schema, Collection{collection.name()},
                                        document::Filter{filter.view()});
    while (documents->next()) {
        const DocumentView document = documents->document();
        const document::DocumentKey key{collection.space(), document.field("_id").value()};
        if (!take(key.bytes(), document.bytes())) return;
    }
}

}  // namespace

CommitObserver::CommitObserver(std::shared_ptr<detail::Observed> observed) noexcept
    : observed_{std::move(observed)} {}
CommitObserver::CommitObserver(CommitObserver&&) noexcept = default;

CommitObserver& CommitObserver::operator=(CommitObserver&& other) noexcept {
    CommitObserver stopped{std::move(*this)};
    observed_ = std::move(other.observed_);
    return *this;
}

CommitObserver::~CommitObserver() {
    stop();
}

void CommitObserver::stop() noexcept {
    if (observed_) observed_->stop();
}

namespace {

void require_own_commits(const Core& core) {
    if (!core.observation) return;
    throw Error{
        ErrorCode::unsupported,
        "a database that is opened as OpenMode::live calls nobody; refresh it, or observe it in "
        "the process that has it open for writing"};
}

}  // namespace

CommitObserver Database::on_commit(const std::vector<std::string>& names,
                                   std::function<void(const Committed&)> callback) const {
    const Core::Use use{core()};
    core().require_usable();
    require_own_commits(core());
    if (!callback) {
        throw Error{ErrorCode::invalid_argument,
                    "on_commit: there is no callback; give a function"};
    }
    return CommitObserver{core().observers->add(names, std::move(callback))};
}

CommitObserver Database::observe_views(const Table& table, const Conditions& conditions,
                                       std::function<void(const Differences<RowView>&)> callback,
                                       const ObserveOptions& options) const {
    const Core::Use use{core()};
    core().require_usable();
    require_own_commits(core());
    if (!callback) refuse_no_callback();
    const auto schema = core().schema;
    const relational::BoundTable& bound = schema->require(table);
    ObservedSource source{.name = std::string{bound.name()},
                          .space = bound.definition().space,
                          .read =
                              [schema, &bound, conditions](const transaction::Reading& reading,
                                                           const ObservedSource::Take& take) {
                                  read_rows(reading, *schema, bound, conditions, take);
                              },
                          .tell = nullptr};
    source.tell = [schema, &bound,
                   callback = std::move(callback)](const Differences<Bytes>& differences) {
        callback(detail::converted<RowView>(differences, [&](Bytes stored) {
            RowView view;
            detail::RowAccess::show(view, relational::Row{bound, stored});
            return view;
        }));
    };
    // Conditions that make no sense are refused here.
    source.read(*core().engine->snapshot(), [](Bytes, Bytes) { return false; });
    return CommitObserver{core().observers->add(std::move(source), options)};
}

CommitObserver Database::observe(const Collection& collection, const Document& filter,
                                 std::function<void(const Differences<Document>&)> callback,
                                 const ObserveOptions& options) const {
    const Core::Use use{core()};
    core().require_usable();
    require_own_commits(core());
    if (!callback) refuse_no_callback();
    const auto schema = core().schema;
    const document::BoundCollection& bound = schema->require(collection);
    ObservedSource source{.name = std::string{bound.name()},
                          .space = bound.space(),
                          .read =
                              [schema, &bound, filter](const transaction::Reading& reading,
                                                       const ObservedSource::Take& take) {
                                  read_documents(reading, *schema, bound, filter, take);
                              },
                          .tell = nullptr};
    source.tell = [callback = std::move(callback)](const Differences<Bytes>& differences) {
        callback(detail::converted<Document>(
            differences, [](Bytes stored) { return Document{DocumentView{stored}}; }));
    };
    source.read(*core().engine->snapshot(), [](Bytes, Bytes) { return false; });
    return CommitObserver{core().observers->add(std::move(source), options)};
}

}  // namespace amphora

// What must compile without a warning, and what must not compile at all. The compiler runs this
// test.
#include "app.hpp"
#include <amphora/amphora.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

using namespace amphora;

namespace {

// Options by name: members that are left out have their defaults, without a warning. Two of each,
// so that every member is left out once.
[[maybe_unused]] const Options options[] = {{.profile = Profile::edge},
                                            {.mode = OpenMode::read_only}};
[[maybe_unused]] const WriteOptions write_options[] = {{.durability = Durability::written},
                                                       {.timeout = std::chrono::milliseconds{5}}};
[[maybe_unused]] const ScanOptions scan_options[] = {{.index = "users_by_email"}, {.limit = 5}};
[[maybe_unused]] const FindOptions find_options[] = {{.skip = 2}, {.limit = 5}};
[[maybe_unused]] const JsonOptions json_options[] = {{.large_integers = LargeIntegers::decimals},
                                                     {}};
[[maybe_unused]] const BackupOptions backup_options[] = {{.progress = nullptr},
                                                         {.verify = Verification::checked}};
[[maybe_unused]] const RestoreOptions restore_options[] = {{.archive = "segments"},
                                                           {.verify = Verification::opened}};
[[maybe_unused]] const FeedOptions feed_options[] = {{.start = FeedStart::end}, {.selections = {}}};
[[maybe_unused]] const ArchiveOptions archive_options[] = {{.timeline = "0f9a"}, {}};
[[maybe_unused]] const ConsumerOptions consumer_options[] = {{.start = FeedStart::end},
                                                             {.attempts_max = 3}};
[[maybe_unused]] const ObserveOptions observe_options[] = {{.result_bytes_max = 4096}, {}};
[[maybe_unused]] const CloudEventsOptions cloudevents_options[] = {
    {.source = "/shop"}, {.masked = {{"users", "email"}}}};
[[maybe_unused]] const DebeziumOptions debezium_options[] = {{.name = "shop"}, {.database = "app"}};
[[maybe_unused]] const Condition conditions[] = {{.column = "user_id"},
                                                 {.comparison = Comparison::is_null}};

// A key is of the column's kind: a number with a fraction or a truth value is no BIGINT, a number
// no VARCHAR. All statements take it in the same shapes: a value, values in braces, a tuple.
template <class Key>
concept FindsUser = requires(const Snapshot& now, const Key& key) {
    now.find(app::users, key);
    now.find(app::users, {key});
    now.find(app::users, std::tuple{key});
};
static_assert(FindsUser<int>);
static_assert(FindsUser<std::int64_t>);
static_assert(FindsUser<std::uint32_t>);
static_assert(FindsUser<std::size_t>);
static_assert(!FindsUser<double>);
static_assert(!FindsUser<float>);
static_assert(!FindsUser<bool>);
static_assert(!FindsUser<char>);
static_assert(!FindsUser<const char*>);
static_assert(!FindsUser<std::nullptr_t>);
static_assert(!FindsUser<std::optional<std::int64_t>>);

template <class... Key>
concept FindsUserBy = requires(const Snapshot& now, const Key&... key) {
    now.find(app::users, {key...});
};
static_assert(FindsUserBy<int>);
static_assert(!FindsUserBy<double>);
static_assert(!FindsUserBy<>);
static_assert(!FindsUserBy<int, int>);

template <class Key>
concept FindsByEmail = requires(const Snapshot& now, const Key& key) {
    now.find(app::users_by_email, key);
};
static_assert(FindsByEmail<std::string>);
static_assert(FindsByEmail<std::string_view>);
static_assert(FindsByEmail<char[4]>);
static_assert(!FindsByEmail<int>);
static_assert(!FindsByEmail<bool>);
static_assert(!FindsByEmail<std::nullptr_t>);

template <class Key>
concept ErasesUser = requires(Transaction& tx, const Key& key) {
    tx.erase(app::users, key);
    tx.erase(app::users, {key});
};
static_assert(ErasesUser<int>);
static_assert(!ErasesUser<double>);
static_assert(!ErasesUser<bool>);

template <class Key>
concept UpdatesUser = requires(Transaction& tx, const Key& key) {
    tx.update(app::users, key, [](app::User&) {});
    tx.update(app::users, key, set(&app::User::name, "Kim"), set(&app::User::point, 7));
};
static_assert(UpdatesUser<int>);
static_assert(UpdatesUser<std::tuple<int>>);
static_assert(!UpdatesUser<double>);
static_assert(!UpdatesUser<bool>);
static_assert(!UpdatesUser<std::tuple<double>>);

// A new row needs its NOT NULL columns without a DEFAULT. A row as it is read needs none.
template <class Row>
concept NeedsNoEmail = requires {
    Row{.name = "Kim"};
};
static_assert(NeedsNoEmail<app::User>);
static_assert(!NeedsNoEmail<app::NewUser>);
template <class Tx>
concept InsertsWithoutEmail = requires(Tx& tx) {
    tx.insert(app::users, {.name = "Kim"});
};
static_assert(!InsertsWithoutEmail<Transaction>);
template <class Email>
concept InsertsEmail = requires(Transaction& tx, const Email& email) {
    tx.insert(app::users, {.name = "Kim", .email = email});
    tx.put(app::users, {.name = "Kim", .email = email});
    tx.replace(app::users, {.name = "Kim", .email = email});
};
static_assert(InsertsEmail<std::string>);
static_assert(InsertsEmail<std::string_view>);
static_assert(InsertsEmail<char[4]>);
static_assert(!InsertsEmail<int>);
static_assert(!InsertsEmail<std::nullptr_t>);
static_assert(!InsertsEmail<std::optional<std::string>>);

// A row that was read can be given wherever a new one can. It is no update.
template <class Row>
concept Stores = requires(Transaction& tx, const Row& row) {
    tx.insert(app::users, row);
    tx.put(app::users, row);
    tx.replace(app::users, row);
};
static_assert(Stores<app::User>);
static_assert(Stores<app::NewUser>);
static_assert(!Stores<std::string>);
template <class Row>
concept UpdatesToRow = requires(Transaction& tx, const Row& row) {
    tx.update(app::users, row);
};
static_assert(!UpdatesToRow<app::User>);

// A new value is of the column's kind, and NULL only where the column takes it: see the tests of
// the generator.
template <class Value>
concept SetsPoint = requires(const Value& value) {
    set(&app::User::point, value);
};
static_assert(SetsPoint<int>);
static_assert(!SetsPoint<std::nullopt_t>);
static_assert(!SetsPoint<double>);
static_assert(!SetsPoint<const char*>);
template <class Value>
concept SetsName = requires(const Value& value) {
    set(&app::User::name, value);
};
static_assert(SetsName<std::string>);
static_assert(!SetsName<std::nullopt_t>);
static_assert(!SetsName<int>);

template <class Value>
concept ComparesPoints = requires(const Value& value) {
    where(&app::User::point) >= value;
    where(&app::User::point).in({value, value});
    where(&app::User::point).in(std::vector<Value>{value});
};
static_assert(ComparesPoints<int>);
static_assert(ComparesPoints<std::int64_t>);
static_assert(!ComparesPoints<double>);
static_assert(!ComparesPoints<bool>);
static_assert(!ComparesPoints<const char*>);

// Moments, days and lengths of time come from the standard library, and go back to it.
static_assert(DateTime{std::chrono::sys_seconds{std::chrono::seconds{1}}} == DateTime{1'000'000});
static_assert(DateTime{1'000'001}.to_chrono().time_since_epoch() ==
              std::chrono::microseconds{1'000'001});
static_assert(Date{std::chrono::year{1970} / 1 / 2} == Date{1});
static_assert(Time{std::chrono::hours{72}} == Time{259'200'000'000});
static_assert(std::is_convertible_v<std::chrono::system_clock::time_point, DateTime>);
static_assert(!std::is_convertible_v<int, DateTime>);
static_assert(std::is_convertible_v<int, Decimal> && !std::is_convertible_v<double, Decimal> &&
              !std::is_convertible_v<const char*, Decimal> &&
              !std::is_constructible_v<Decimal, bool>);

// A filter is a document or its text, never a number; 0 would be a null pointer.
template <class Filter>
concept FindsLogs = requires(const Snapshot& now, const Filter& filter) {
    now.find(app::activity_logs, filter);
};
static_assert(FindsLogs<std::string>);
static_assert(FindsLogs<char[3]>);
static_assert(FindsLogs<Document>);
static_assert(FindsLogs<Id>);
static_assert(!FindsLogs<int>);
static_assert(!FindsLogs<bool>);
static_assert(!FindsLogs<std::nullptr_t>);

}  // namespace

int main() {}

// What must compile without a warning, and what must not compile at all. The compiler runs this
// test.
#include "app.hpp"
#include <amphora/amphora.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

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
[[maybe_unused]] const Condition conditions[] = {{.column = "user_id"},
                                                 {.comparison = Comparison::is_null}};

// A key is of the column's kind: a number with a fraction or a truth value is no BIGINT, a number
// no VARCHAR.
template <class... Key>
concept FindsUser = requires(const Snapshot& now, const Key&... key) {
    now.find(app::users, key...);
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
static_assert(!FindsUser<>);
static_assert(!FindsUser<int, int>);

template <class... Key>
concept FindsByEmail = requires(const Snapshot& now, const Key&... key) {
    now.find(app::users_by_email, key...);
};
static_assert(FindsByEmail<std::string>);
static_assert(FindsByEmail<std::string_view>);
static_assert(FindsByEmail<char[4]>);
static_assert(!FindsByEmail<int>);
static_assert(!FindsByEmail<bool>);
static_assert(!FindsByEmail<std::nullptr_t>);

template <class... Key>
concept ErasesUser = requires(Transaction& tx, const Key&... key) {
    tx.erase(app::users, key...);
};
static_assert(ErasesUser<int>);
static_assert(!ErasesUser<double>);
static_assert(!ErasesUser<bool>);

template <class Key>
concept UpdatesUser = requires(Transaction& tx, const Key& key) {
    tx.update(app::users, key, [](app::User&) {});
};
static_assert(UpdatesUser<int>);
static_assert(UpdatesUser<std::tuple<int>>);
static_assert(!UpdatesUser<double>);
static_assert(!UpdatesUser<bool>);
static_assert(!UpdatesUser<std::tuple<double>>);

template <class Value>
concept ComparesPoints = requires(const Value& value) {
    where(&app::User::point) >= value;
};
static_assert(ComparesPoints<int>);
static_assert(ComparesPoints<std::int64_t>);
static_assert(!ComparesPoints<double>);
static_assert(!ComparesPoints<bool>);
static_assert(!ComparesPoints<const char*>);

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

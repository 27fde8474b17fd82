// A forked child has the memory of its parent, but no threads, no locks and no reader slots. Every
// handle says so, and destroying them is harmless.

#include "pitfalls/world.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <thread>

namespace amphora::pitfalls {
namespace {

constexpr unsigned child_seconds_max = 60;

/// Runs `child` in a fork. Its answer is what went wrong, empty: nothing. A child that hangs is
/// killed by its alarm.
std::string in_child(const std::function<std::string()>& child) {
    int ends[2];
    if (::pipe(ends) != 0) return "no pipe";
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::alarm(child_seconds_max);
        const std::string said = child();
        static_cast<void>(!::write(ends[1], said.data(), said.size()));
        ::_exit(0);
    }
    ::close(ends[1]);
    std::string said;
    char byte;
    while (::read(ends[0], &byte, 1) == 1) said += byte;
    ::close(ends[0]);
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (WIFSIGNALED(status)) said += "died of signal " + std::to_string(WTERMSIG(status));
    return said;
}

/// What is wrong with the answer to a call in a child; empty: nothing.
std::string unlike_after_fork(const char* call, const std::string& error) {
    return error.starts_with("used_after_fork: ") ? ""
                                                  : std::string{call} + " said " + error + "\n";
}

TEST(Fork, EveryHandleSaysThatItIsTheParents) {
    const Directory directory;
    Database db = Database::open(directory.database(), schema);
    const std::int64_t kim = sign_up(db, "kim");
    std::optional<Snapshot> snapshot = db.snapshot();
    std::optional<Rows> rows = snapshot->scan(customers);
    std::optional<Documents> documents = snapshot->scan(visits);
    std::optional<Transaction> transaction = db.begin();
    add_customer(*transaction, "lee");

    const std::string found = in_child([&] {
        std::string wrong;
        const auto expect = [&](const char* call, const auto& body) {
            wrong += unlike_after_fork(call, error_of(body));
        };
        expect("begin", [&] { static_cast<void>(db.begin()); });
        expect("write", [&] { db.write([](Transaction&) {}); });
        expect("snapshot", [&] { static_cast<void>(db.snapshot()); });
        expect("statistics", [&] { static_cast<void>(db.statistics()); });
        expect("check", [&] { static_cast<void>(db.check()); });
        expect("wait", [&] { db.wait({}); });
        expect("sync", [&] { db.sync({}); });
        expect("compact", [&] { db.compact(); });
        expect("close", [&] { db.close(); });
        expect("find", [&] { static_cast<void>(snapshot->find(customers, {kim})); });
        expect("scan", [&] { static_cast<void>(snapshot->scan(customers)); });
        expect("find documents", [&] { static_cast<void>(snapshot->find(visits, "{}")); });
        expect("rows", [&] { static_cast<void>(rows->begin()); });
        expect("documents", [&] { static_cast<void>(documents->begin()); });
        expect("insert", [&] { add_customer(*transaction, "may"); });
        expect("publish", [&] { transaction->publish("topic", {}); });
        expect("commit", [&] { transaction->commit(); });
        expect("rollback", [&] { transaction->rollback(); });
        return wrong;
    });
    EXPECT_EQ(found, "");

    transaction->commit();
    rows.reset();
    documents.reset();
    snapshot.reset();
    EXPECT_EQ(customers_in(db), 2u);
    EXPECT_THAT(db.check().findings, ::testing::IsEmpty());
}

/// A child that leaves its scope runs the destructors of what it inherited. Nothing waits there for
/// threads that the child does not have, and nothing of the parent's is given back.
TEST(Fork, LettingGoOfEverythingHarmsNobody) {
    const Directory directory;
    std::optional<Database> db = Database::open(directory.database(), schema, small_options());
    sign_up_many(*db, "early", 50);
    std::optional<Snapshot> snapshot = db->snapshot();
    std::optional<Rows> rows = snapshot->scan(customers);
    auto at = rows->begin();
    std::optional<Transaction> transaction = db->begin();
    add_customer(*transaction, "lee");
    EXPECT_EQ(in_child([&] {
                  transaction.reset();
                  rows.reset();
                  snapshot.reset();
                  db.reset();
                  return std::string{};
              }),
              "");
    std::size_t seen = 1;
    for (++at; at != Rows::end(); ++at) ++seen;
    EXPECT_EQ(seen, 50u) << "the parent's snapshot is as it was";
    transaction.reset();
    sign_up_many(*db, "late", 50);
    rows.reset();
    snapshot.reset();
    db.reset();
    expect_whole(Database::open(directory.database(), schema), 100);
}

/// A child is forked while other threads of the parent are at work, so that locks are held by
/// threads that it does not have.
TEST(Fork, MayComeAtAnyMoment) {
    const Directory directory;
    std::optional<Database> db = Database::open(directory.database(), schema, small_options());
    std::atomic<bool> stop{false};
    std::thread writer{[&] {
        for (int i = 0; !stop; ++i) sign_up(*db, "guest" + std::to_string(i), 500);
    }};
    std::thread reader{[&] {
        while (!stop) static_cast<void>(customers_in(*db));
    }};
    for (int i = 0; i < 30; ++i) {
        std::optional<Snapshot> snapshot = db->snapshot();
        EXPECT_EQ(in_child([&] {
                      snapshot.reset();
                      std::string wrong = unlike_after_fork(
                          "begin", error_of([&] { static_cast<void>(db->begin()); }));
                      db.reset();
                      return wrong;
                  }),
                  "");
    }
    stop = true;
    writer.join();
    reader.join();
    expect_whole(*db, customers_in(*db));
}

/// Every name below `directory`, in order, with what each file holds.
std::map<std::string, std::string> contents(const std::string& directory) {
    std::map<std::string, std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{directory}) {
        std::string& content = found[entry.path().string()];
        if (!entry.is_regular_file()) continue;
        std::ifstream file{entry.path(), std::ios::binary};
        content.assign(std::istreambuf_iterator<char>{file}, {});
    }
    return found;
}

/// RocksDB keeps its threads for the life of the process and a child does not inherit them: a
/// database that is opened there would wait for its first flush for ever. Also when the parent has
/// closed its own before. A child once made half of a new database before it was refused: a
/// directory that was neither a database nor empty. Every way in is refused before anything is
/// made, and no file changes.
TEST(Fork, AChildOpensNoDatabaseOfItsOwnAndLeavesNothingBehind) {
    const Directory directory;
    const std::string backup = directory.path() + "/backup";
    const std::string temporary = directory.path() + "/temporary";
    std::filesystem::create_directory(temporary);
    ASSERT_EQ(::setenv("TMPDIR", temporary.c_str(), 1), 0);
    const Directory elsewhere;  // whose files change by themselves
    std::optional<Database> open = Database::open(elsewhere.database(), schema);
    {
        Database db = Database::open(directory.database(), schema);
        sign_up(db, "kim");
        db.backup(backup);
    }
    const auto before = contents(directory.path());
    EXPECT_EQ(in_child([&] {
                  std::string wrong;
                  const auto expect = [&](const char* call, const auto& body) {
                      wrong += unlike_after_fork(call, error_of(body));
                  };
                  const std::string there = directory.database();
                  const std::string place = directory.path() + "/new";
                  const auto open_in = [&](OpenMode mode) {
                      Options options;
                      options.mode = mode;
                      static_cast<void>(Database::open(there, schema, options));
                  };
                  expect("open", [&] { open_in(OpenMode::must_exist); });
                  expect("open to read", [&] { open_in(OpenMode::read_only); });
                  expect("open to rescue", [&] { open_in(OpenMode::rescue); });
                  expect("create", [&] { static_cast<void>(Database::open(place, schema)); });
                  expect("temporary", [&] { static_cast<void>(Database::temporary(schema)); });
                  expect("check", [&] { static_cast<void>(Database::check_directory(there)); });
                  expect("repair", [&] { static_cast<void>(Database::repair_directory(there)); });
                  expect("compact", [&] { Database::compact_directory(there); });
                  expect("restore", [&] { Database::restore(backup, place); });
                  expect("backup", [&] { open->backup(place); });
                  expect("archive", [&] { open->archive(place); });
                  return wrong;
              }),
              "");
    EXPECT_EQ(contents(directory.path()), before);
    open.reset();
    ::unsetenv("TMPDIR");
    EXPECT_EQ(error_of_opening(directory.database()), "");
}

}  // namespace
}  // namespace amphora::pitfalls

// A directory put together from other pieces: of another database, of another moment, of a copy
// that went its own way, of a later format, or with one missing. Each is refused by name, nothing
// is changed by the attempt, and with the right piece back everything is there.

#include "base/file.hpp"
#include "base/identity_file.hpp"
#include "journal/segment/segment_header.hpp"
#include "pitfalls/world.hpp"
#include "tree/lmdb/entry_checksum.hpp"
#include "tree/mark_record.hpp"

#include <lmdb.h>
#include <rocksdb/db.h>

#include <fstream>
#include <functional>
#include <map>
#include <sstream>

namespace amphora::pitfalls {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string read_file(const fs::path& path) {
    std::ostringstream bytes;
    bytes << std::ifstream{path, std::ios::binary}.rdbuf();
    return std::move(bytes).str();
}
void write_file(const fs::path& path, const std::string& bytes) {
    std::ofstream{path, std::ios::binary | std::ios::trunc} << bytes;
}

/// The later format of a record that begins with its number.
std::string later(std::string record) {
    record[0] = static_cast<char>(record[0] + 1);
    return record;
}

void make_relational_later(const std::string& directory) {
    MDB_env* env = nullptr;
    MDB_txn* txn = nullptr;
    MDB_dbi database = 0;
    ASSERT_EQ(mdb_env_create(&env), 0);
    ASSERT_EQ(mdb_env_set_mapsize(env, 1 << 30), 0);
    ASSERT_EQ(mdb_env_open(env, directory.c_str(), 0, 0644), 0);
    ASSERT_EQ(mdb_txn_begin(env, nullptr, 0, &txn), 0);
    ASSERT_EQ(mdb_dbi_open(txn, nullptr, 0, &database), 0);
    Buffer name{tree::mark_key};
    MDB_val key{name.size(), name.data()};
    MDB_val value{};
    ASSERT_EQ(mdb_get(txn, database, &key, &value), 0);
    Buffer record = later(
        {static_cast<const char*>(value.mv_data), value.mv_size - lmdb::entry_checksum_bytes});
    const std::uint32_t checksum = lmdb::entry_checksum(name, record);
    record.append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
    value = {record.size(), record.data()};
    ASSERT_EQ(mdb_put(txn, database, &key, &value, 0), 0);
    ASSERT_EQ(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
}

void make_documents_later(const std::string& directory) {
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, directory, &opened).ok());
    const std::unique_ptr<rocksdb::DB> database{opened};
    const rocksdb::Slice key{tree::mark_key.data(), tree::mark_key.size()};
    std::string record;
    ASSERT_TRUE(database->Get({}, key, &record).ok());
    ASSERT_TRUE(database->Put({}, key, later(record)).ok());
    ASSERT_TRUE(database->Flush({}).ok());
}

void make_journal_later(const std::string& directory) {
    for (const auto& entry : fs::directory_iterator{directory}) {
        std::string bytes = read_file(entry.path());
        const auto header = journal::decode_header(bytes, entry.path());
        if (!header) continue;
        bytes.replace(0, journal::header_bytes,
                      journal::encode(*header, journal::format_newest + 1));
        write_file(entry.path(), bytes);
    }
}

class Pieces : public ::testing::Test {
  protected:
    /// A database whose journal has recycled its beginning.
    static void make(const std::string& path) {
        Database db = Database::open(path, schema, small_options());
        sign_up_many(db, "first", 30);
        db.close();
    }
    static void resume(const std::string& path, const std::string& name, int times) {
        Database db = Database::open(path, schema, small_options());
        sign_up_many(db, name, times);
        db.close();
    }
    static void copy(const std::string& from, const std::string& to) {
        fs::remove_all(to);
        fs::copy(from, to, fs::copy_options::recursive);
    }
    static std::map<std::string, std::string> files_of(const std::string& path) {
        std::map<std::string, std::string> files;
        for (const auto& entry : fs::recursive_directory_iterator(path)) {
            const std::string name = entry.path().filename();
            // RocksDB writes new options and a new manifest at each opening, which is before its
            // mark can be read; lock files name the last opener, and LIVE counts openings.
            const bool of_opening =
                entry.path().string().find("/documents/") != std::string::npos || name == "LOCK" ||
                name == "lock.mdb" || name == "LIVE";
            if (entry.is_regular_file() && !of_opening) {
                files[entry.path()] = read_file(entry.path());
            }
        }
        return files;
    }

    /// Opening says `error`, and says it again, having changed nothing.
    void expect_refused(const std::string& what,
                        const ::testing::Matcher<const std::string&>& error) {
        const auto before = files_of(here);
        EXPECT_THAT(error_of_opening(here), error) << what;
        EXPECT_THAT(error_of_opening(here), error) << what << ", again";
        EXPECT_TRUE(files_of(here) == before) << what << ": the attempt has changed files";
    }
    /// The database with `piece` from elsewhere is refused; with its own it is whole.
    void expect_refused_with(const std::string& piece, const std::string& from,
                             const ::testing::Matcher<const std::string&>& error,
                             std::size_t signed_up) {
        const std::string kept = directory.path() + "/kept";
        fs::rename(here + "/" + piece, kept);
        fs::copy(from + "/" + piece, here + "/" + piece, fs::copy_options::recursive);
        expect_refused(piece + " from " + from, error);
        fs::remove_all(here + "/" + piece);
        fs::rename(kept, here + "/" + piece);
        expect_whole(Database::open(here, schema, small_options()), signed_up);
    }

    Directory directory;
    std::string here = directory.database();
    std::string earlier = directory.path() + "/earlier";
    std::string other = directory.path() + "/other";
};

TEST_F(Pieces, OfAnotherDatabaseAreForeign) {
    make(here);
    make(other);
    for (const char* const piece : {"journal", "relational", "documents", "IDENTITY"}) {
        expect_refused_with(
            piece, other, AllOf(StartsWith("foreign_piece"), HasSubstr("belongs to database")), 30);
    }
}

/// One part was restored from last week's copy. The journal no longer has the commits between.
TEST_F(Pieces, FromAnOlderCopyAreNamed) {
    make(here);
    copy(here, earlier);
    resume(here, "second", 60);
    for (const char* const piece : {"relational", "documents"}) {
        expect_refused_with(
            piece, earlier,
            AllOf(StartsWith("foreign_piece"), HasSubstr("the tree is older than the journal")),
            90);
    }
    expect_refused_with(
        "journal", earlier,
        AllOf(StartsWith("foreign_piece"), HasSubstr("the journal is older than the tree")), 90);
}

/// An older tree is no harm as long as the journal still has what it lacks: that is what the
/// journal is for.
TEST_F(Pieces, FromAnOlderTreeCatchUpWhereTheJournalCan) {
    make(here);
    copy(here, earlier);
    const std::string crashed = directory.path() + "/crashed";
    {
        Database db = Database::open(here, schema);
        sign_up_many(db, "second", 3);
        db.wait(db.snapshot().commit_seen());
        copy(here, crashed);  // as a kill would leave it
    }
    for (const std::string piece : {"relational", "documents"}) {
        copy(crashed, here);
        copy(earlier + "/" + piece, here + "/" + piece);
        expect_whole(Database::open(here, schema), 33);
    }
}

/// The database was copied and both were used: the same identity, the same epochs, the same
/// sequences for other commits. The chain of checksums distinguishes them.
TEST_F(Pieces, OfACopyThatWentItsOwnWayAreForeign) {
    make(here);
    copy(here, other);
    resume(here, "here", 5);
    resume(other, "there", 5);
    for (const char* const piece : {"journal", "relational", "documents"}) {
        expect_refused_with(piece, other,
                            AllOf(StartsWith("foreign_piece"), HasSubstr("two copies")), 35);
    }
}

TEST_F(Pieces, ThatAreMissingAreNamed) {
    make(here);
    const std::map<std::string, std::string> expected{
        {"relational", "the relational tree is missing"},
        {"documents", "the document tree is missing"},
        {"journal", "the journal is missing"},
        {"IDENTITY", "the file IDENTITY is missing"},
    };
    for (const auto& [piece, words] : expected) {
        const std::string kept = directory.path() + "/kept";
        fs::rename(here + "/" + piece, kept);
        expect_refused("without " + piece,
                       AllOf(AnyOf(StartsWith("not_a_database"), StartsWith("foreign_piece")),
                             HasSubstr(words)));
        EXPECT_FALSE(fs::exists(here + "/" + piece)) << "nothing is made in its place";
        fs::rename(kept, here + "/" + piece);
        expect_whole(Database::open(here, schema, small_options()), 30);
    }
}

/// An empty folder is not taken for a new beginning either.
TEST_F(Pieces, ThatAreEmptyAreNamed) {
    make(here);
    for (const char* const piece : {"relational", "documents", "journal"}) {
        const std::string kept = directory.path() + "/kept";
        fs::rename(here + "/" + piece, kept);
        fs::create_directory(here + "/" + piece);
        expect_refused(std::string{"empty "} + piece,
                       AnyOf(StartsWith("not_a_database"), StartsWith("corrupt")));
        fs::remove_all(here + "/" + piece);
        fs::rename(kept, here + "/" + piece);
        expect_whole(Database::open(here, schema, small_options()), 30);
    }
}

/// Each piece says by itself in which format it is written, so that a library that is too old for
/// one of them says so, instead of calling it damaged.
TEST_F(Pieces, OfALaterFormatAreNamed) {
    make(here);
    const std::map<std::string, std::function<void(const std::string&)>> make_later{
        {"IDENTITY",
         [this](const std::string&) {
             FileSystem& files = operating_system_files();
             IdentityFile content = read_identity(files, here).value();
             ++content.format;
             write_identity(files, here, content);
         }},
        {"journal", make_journal_later},
        {"relational", make_relational_later},
        {"documents", make_documents_later},
    };
    for (const auto& [piece, change] : make_later) {
        copy(here, earlier);
        change(here + "/" + piece);
        const std::map<std::string, std::uint32_t> newest{
            {"journal", journal::format_newest}, {"IDENTITY", IdentityFile::format_newest}};
        const auto found = newest.find(piece);
        const std::uint32_t later = (found == newest.end() ? 1 : found->second) + 1;
        expect_refused(piece + " of a later format",
                       AllOf(StartsWith("newer_format"),
                             HasSubstr("format " + std::to_string(later)), HasSubstr(piece)));
        copy(earlier, here);
        expect_whole(Database::open(here, schema, small_options()), 30);
    }
}

/// LMDB has a number of its own, at the head of its file.
TEST_F(Pieces, OfALaterLmdbAreNamed) {
    make(here);
    constexpr std::size_t version_at = 20;  // of the meta page, after its header and its magic
    std::string bytes = read_file(here + "/relational/data.mdb");
    for (const std::size_t page : {0u, 4096u}) {
        ASSERT_EQ(bytes[page + version_at], 1);
        bytes[page + version_at] = 2;
    }
    write_file(here + "/relational/data.mdb", bytes);
    expect_refused("LMDB's data version 2", StartsWith("newer_format"));
}

/// RocksDB has one in each of its table files, at their end.
TEST_F(Pieces, OfALaterRocksDbAreNamed) {
    make(here);
    constexpr std::size_t version_from_end = 12;
    for (const auto& entry : fs::directory_iterator{here + "/documents"}) {
        if (entry.path().extension() != ".sst") continue;
        std::string bytes = read_file(entry.path());
        ASSERT_LT(bytes[bytes.size() - version_from_end], 7);
        bytes[bytes.size() - version_from_end] = 7;
        write_file(entry.path(), bytes);
    }
    expect_refused("RocksDB's format version 7", StartsWith("newer_format"));
}

/// Somebody else's RocksDB, with its own order of keys.
TEST_F(Pieces, OfAnotherApplicationAreNotMistaken) {
    make(here);
    rocksdb::Options options;
    options.comparator = rocksdb::ReverseBytewiseComparator();
    options.create_if_missing = true;
    fs::remove_all(here + "/documents");
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, here + "/documents", &opened).ok());
    delete opened;
    expect_refused("somebody else's RocksDB", StartsWith("not_a_database"));
}

}  // namespace
}  // namespace amphora::pitfalls

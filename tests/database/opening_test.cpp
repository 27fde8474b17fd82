// Which directories open, and why others are refused.

#include "database/directory/directory.hpp"
#include "database/shop.hpp"
#include "tree/scratch.hpp"

#include <gtest/gtest.h>
#include <sys/mount.h>

#include <fstream>

namespace amphora::shop {
namespace {

namespace fs = std::filesystem;

void write_file(const std::string& path, const std::string& text) {
    std::ofstream{path} << text;
}

/// A directory of other files, such as photographs, is refused and not changed.
TEST(Opening, RefusesADirectoryThatHoldsSomethingElse) {
    const Directory directory;
    write_file(directory.path() + "/holiday.jpg", "x");
    EXPECT_EQ(code_of([&] { static_cast<void>(Database::open(directory.path(), schema)); }),
              ErrorCode::not_a_database);
    EXPECT_TRUE(fs::exists(directory.path() + "/holiday.jpg"));
    EXPECT_FALSE(fs::exists(directory.path() + "/journal"));

    write_file(directory.path() + "/plain", "x");
    EXPECT_EQ(
        code_of([&] { static_cast<void>(Database::open(directory.path() + "/plain", schema)); }),
        ErrorCode::not_a_database);
}

TEST(Opening, MustExistMakesNothing) {
    const Directory directory;
    Options options;
    for (const OpenMode mode : {OpenMode::must_exist, OpenMode::read_only}) {
        options.mode = mode;
        EXPECT_EQ(
            code_of([&] { static_cast<void>(Database::open(directory.database(), options)); }),
            ErrorCode::not_a_database);
        EXPECT_FALSE(fs::exists(directory.database()));
    }
}

/// A second handle in the process, by whatever name, would release the locks of the first.
TEST(Opening, ASecondHandleIsRefusedByAnyName) {
    const Directory directory;
    Database db = Database::open(directory.database(), schema);
    fs::create_directory_symlink(directory.database(), directory.path() + "/alias");
    for (const std::string& name : {directory.database(), directory.path() + "/alias"}) {
        try {
            static_cast<void>(Database::open(name, schema));
            FAIL() << "opened twice";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::in_use);
            EXPECT_NE(std::string{error.what()}.find("in use by pid " + std::to_string(::getpid())),
                      std::string::npos)
                << error.what();
        }
    }
    db.close();
}

/// The name of a new database is made durable in its parent directory. With a slash at its end the
/// parent was taken to be the database itself, and a power cut could take all of it.
TEST(Opening, ItsNameIsSyncedWhereItStands) {
    const Directory directory;
    const std::string there = directory.path() + "/there";
    fs::create_directories(there + "/inner/db");
    fs::create_directory_symlink(there + "/inner", directory.path() + "/link");
    fs::create_directory_symlink(there + "/inner/db", directory.path() + "/db");
    for (const std::string name :
         {"there/inner/db", "there/inner/db/", "there/inner/db//", "there/inner/./db/.", "link/db",
          "link/../inner/db/", "db", "db/"}) {
        EXPECT_TRUE(fs::equivalent(parent_of(directory.path() + "/" + name), there + "/inner"))
            << name;
    }
}

/// If the file is lost that says to which database the parts belong, this must not look like an
/// empty database.
TEST(Opening, PiecesWithoutAnIdentityAreNotStartedOver) {
    const Directory directory;
    {
        Database db = Database::open(directory.database(), schema);
        db.write([](Transaction& tx) { add_customer(tx, "kim"); });
    }
    fs::rename(directory.database() + "/IDENTITY", directory.path() + "/kept");
    EXPECT_EQ(code_of([&] { static_cast<void>(Database::open(directory.database(), schema)); }),
              ErrorCode::foreign_piece);
    write_file(directory.database() + "/ARCHIVE", "anything next to them");
    EXPECT_EQ(code_of([&] { static_cast<void>(Database::open(directory.database(), schema)); }),
              ErrorCode::foreign_piece);
    fs::remove(directory.database() + "/ARCHIVE");
    fs::rename(directory.path() + "/kept", directory.database() + "/IDENTITY");
    Database db = Database::open(directory.database(), schema);
    EXPECT_EQ(count(db.snapshot().scan(customers)), 1u);
}

/// If the making of a database was interrupted before its identity was in place, the database never
/// existed, and opening starts again.
TEST(Opening, AnUnfinishedDatabaseIsStartedOver) {
    const Directory directory;
    { Database db = Database::open(directory.database(), schema); }
    fs::remove(directory.database() + "/IDENTITY");
    write_file(directory.database() + "/CREATING", "");
    Database db = Database::open(directory.database(), schema);
    db.write([](Transaction& tx) { add_customer(tx, "kim"); });
    EXPECT_FALSE(fs::exists(directory.database() + "/CREATING"));
}

/// Parts of two databases in one directory are noticed, part by part.
TEST(Opening, PiecesOfAnotherDatabaseAreRefused) {
    const Directory directory;
    const std::string other = directory.path() + "/other.amphora";
    for (const std::string& path : {directory.database(), other}) {
        Database db = Database::open(path, schema);
        db.write([](Transaction& tx) { add_customer(tx, "kim"); });
    }
    for (const std::string piece : {"journal", "relational", "documents"}) {
        const fs::path own = fs::path{directory.database()} / piece;
        fs::rename(own, directory.path() + "/kept");
        fs::copy(fs::path{other} / piece, own, fs::copy_options::recursive);
        EXPECT_EQ(code_of([&] { static_cast<void>(Database::open(directory.database(), schema)); }),
                  ErrorCode::foreign_piece)
            << piece;
        fs::remove_all(own);
        fs::rename(directory.path() + "/kept", own);
    }
    Database db = Database::open(directory.database(), schema);
    EXPECT_EQ(count(db.snapshot().scan(customers)), 1u);
}

TEST(Opening, ANewerFormatIsNamed) {
    const Directory directory;
    { Database db = Database::open(directory.database(), schema); }
    const std::string path = directory.database() + "/IDENTITY";
    std::string text;
    std::getline(std::ifstream{path}, text, '\0');
    const std::size_t at = text.find("format ");
    ASSERT_NE(at, std::string::npos);
    text.replace(at, 8, "format 9");
    write_file(path, text);
    const auto code =
        code_of([&] { static_cast<void>(Database::open(directory.database(), schema)); });
    EXPECT_TRUE(code == ErrorCode::newer_format || code == ErrorCode::corrupt);
}

/// A schema that does not fit what is stored is refused with every difference, and nothing is
/// changed. One that only adds is put in force.
TEST(Opening, ASchemaThatDoesNotFitIsRefusedWithItsDifferences) {
    const Directory directory;
    {
        Database db = Database::open(directory.database(), schema);
        db.write([](Transaction& tx) { add_customer(tx, "kim"); });
    }
    const Schema narrower{"shop", R"sql(
        CREATE TABLE customers (customer_id BIGINT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(10) NOT NULL,
            email VARCHAR(100) UNIQUE NOT NULL, spent BIGINT NOT NULL DEFAULT 0 CHECK (spent >= 0));
    )sql"};
    try {
        static_cast<void>(Database::open(directory.database(), narrower));
        FAIL() << "opened with another schema";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::schema_mismatch);
        const std::string message = error.what();
        EXPECT_NE(message.find("name"), std::string::npos) << message;
        EXPECT_NE(message.find("spent"), std::string::npos) << message;
    }

    const Schema wider{"shop", R"sql(
        CREATE TABLE customers (customer_id BIGINT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(40) NOT NULL,
            email VARCHAR(100) UNIQUE NOT NULL, spent INT NOT NULL DEFAULT 0 CHECK (spent >= 0),
            city VARCHAR(30));
        CREATE INDEX customers_by_name ON customers (name);
        CREATE TABLE orders (order_id BIGINT PRIMARY KEY, customer_id BIGINT NOT NULL REFERENCES customers (customer_id));
    )sql"};
    {
        Database db = Database::open(directory.database(), wider);
        const auto kim = db.snapshot().find(customers_by_email, {"kim@example.com"});
        ASSERT_TRUE(kim.has_value());
        EXPECT_TRUE((*kim)["city"].is_null());
        Rows rows =
            db.snapshot().scan(customers, where("name") == "kim", {.index = "customers_by_name"});
        EXPECT_EQ(count(std::move(rows)), 1u)
            << "the new index was filled from the rows that were there";
        EXPECT_TRUE(db.check().findings.empty());
    }
    Database db = Database::open(directory.database());
    EXPECT_NE(db.schema_text().find("orders"), std::string::npos);
}

/// Reads a database that was not closed, without changing a byte of it.
TEST(Opening, ReadOnlyShowsEverythingAndChangesNothing) {
    const Directory directory;
    Commit last;
    {
        Options options;
        options.seal_age_ms = 3'600'000;
        Database db = Database::open(directory.database(), schema, options);
        last = db.write([](Transaction& tx) {
            tx.insert(visits, {{"customer_id", add_customer(tx, "kim")}});
        });
        // Copied while it is open and before anything of this commit is delivered, as after a
        // crash.
        fs::copy(directory.database(), directory.path() + "/copy", fs::copy_options::recursive);
    }
    const auto contents = [&] {
        std::map<std::string, std::string> files;
        for (const auto& entry : fs::recursive_directory_iterator(directory.path() + "/copy")) {
            if (!entry.is_regular_file()) continue;
            const std::string name = entry.path().filename();
            if (name == "LOCK" || name == "lock.mdb" || name.starts_with("LOG")) continue;
            std::string bytes;
            std::getline(std::ifstream{entry.path(), std::ios::binary}, bytes, '\0');
            files[entry.path()] = std::to_string(entry.file_size()) + bytes;
        }
        return files;
    };
    const auto before = contents();
    {
        Options options;
        options.mode = OpenMode::read_only;
        // So small that everything would be delivered at once, if anything were.
        options.seal_bytes = 1;
        Database db = Database::open(directory.path() + "/copy", schema, options);
        EXPECT_EQ(code_of([&] { db.wait(last); }), ErrorCode::read_only);
        EXPECT_EQ(count(db.snapshot().scan(customers)), 1u);
        EXPECT_EQ(count(db.snapshot().scan(visits)), 1u);
        EXPECT_EQ(code_of([&] { static_cast<void>(db.begin()); }), ErrorCode::read_only);
    }
    EXPECT_EQ(contents(), before);
}

/// As when a system mounts a failing disk read-only: nothing can be written, not even by readers.
TEST(Opening, ADatabaseOnAReadOnlyFileSystemCanBeLookedAt) {
    const tree::testing::SmallDisk disk{"64m"};
    if (!disk.mounted()) GTEST_SKIP() << "mounting a small tmpfs needs root";
    const std::string place = disk.path() + "/shop";
    Options options;
    options.profile = Profile::edge;
    {
        Database db = Database::open(place, schema, options);
        db.write([](Transaction& tx) { add_customer(tx, "kim"); });
    }
    ASSERT_EQ(::mount("tmpfs", disk.path().c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "size=64m"),
              0);
    EXPECT_EQ(code_of([&] { static_cast<void>(Database::open(place, schema, options)); }),
              ErrorCode::io_error);
    for (const OpenMode mode : {OpenMode::read_only, OpenMode::rescue}) {
        options.mode = mode;
        const Database db = Database::open(place, schema, options);
        EXPECT_EQ(count(db.snapshot().scan(customers)), 1u);
        EXPECT_EQ(code_of([&] { static_cast<void>(Database::open(place, schema, options)); }),
                  ErrorCode::in_use);
    }
}

/// A temporary database leaves no files.
TEST(Opening, ATemporaryDatabaseVanishes) {
    std::string path;
    {
        Database db = Database::temporary(schema);
        path = db.path();
        db.write([](Transaction& tx) { add_customer(tx, "kim"); });
        EXPECT_TRUE(fs::exists(path));
    }
    EXPECT_FALSE(fs::exists(path));
}

/// The directory of a temporary database was moved while it was open, and there is another
/// directory in its place. That one stays, with everything in it.
TEST(Opening, ATemporaryDatabaseTakesOnlyItsOwnWithIt) {
    const Directory elsewhere;
    const std::string moved = elsewhere.database();
    std::string path;
    {
        Database db = Database::temporary(schema);
        path = db.path();
        db.write([](Transaction& tx) { add_customer(tx, "kim"); });
        fs::rename(path, moved);
        fs::create_directories(path + "/journal");
        std::ofstream{path + "/journal/letter"} << "dear";
    }
    EXPECT_EQ(fs::file_size(path + "/journal/letter"), 4u);
    EXPECT_FALSE(fs::exists(moved));
    fs::remove_all(path);
}

/// What a link in it points to does not belong to it.
TEST(Opening, ATemporaryDatabaseFollowsNoLinks) {
    const Directory elsewhere;
    std::ofstream{elsewhere.path() + "/letter"} << "dear";
    std::string path;
    {
        Database db = Database::temporary(schema);
        path = db.path();
        fs::create_directory_symlink(elsewhere.path(), path + "/letters");
    }
    EXPECT_FALSE(fs::exists(path));
    EXPECT_TRUE(fs::exists(elsewhere.path() + "/letter"));
}

TEST(Opening, BadSchemaTextMakesNothing) {
    const Directory directory;
    const Schema bad{"bad.sql", "CREATE TABLE t (\n    a BIGNIT PRIMARY KEY\n);"};
    try {
        static_cast<void>(Database::open(directory.database(), bad));
        FAIL() << "opened";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::schema_syntax);
        EXPECT_NE(std::string{error.what()}.find("bad.sql:2:7"), std::string::npos) << error.what();
    }
    EXPECT_FALSE(fs::exists(directory.database()));
}

/// An error of the file system about a name becomes an Error with a code.
TEST(Opening, ANameThatNoFileSystemTakesIsNamed) {
    const Directory directory;
    const std::string name = directory.path() + "/" + std::string(300, 'a');
    for (const OpenMode mode :
         {OpenMode::create_if_missing, OpenMode::must_exist, OpenMode::read_only}) {
        Options options;
        options.mode = mode;
        EXPECT_EQ(code_of([&] { static_cast<void>(Database::open(name, schema, options)); }),
                  ErrorCode::io_error);
    }
}

/// A missing file of a store is reported as an Error, not as another exception.
TEST(Opening, CompactingNamesAMissingFile) {
    const Directory directory;
    Database::open(directory.database(), schema).close();
    std::filesystem::remove(directory.database() + "/relational/data.mdb");
    EXPECT_EQ(code_of([&] { Database::compact_directory(directory.database()); }),
              ErrorCode::io_error);
}

/// The largest number means "no bound". With a reserve added it once overflowed to a small bound,
/// and writers were refused. 0 means the profile's own value, for the map too.
TEST(Opening, TheLargestBoundIsNone) {
    for (const std::uint64_t map_bytes : {std::uint64_t{0}, std::uint64_t{1} << 30}) {
        Options options;
        options.pending_bytes_max = options.journal_bytes_max = options.seal_bytes = UINT64_MAX;
        options.seal_age_ms = 3'600'000;
        options.reserve_bytes = 64 * 1024;
        options.segment_bytes = 64 * 1024;
        options.map_bytes = map_bytes;
        Database db = Database::temporary(schema, options);
        for (int i = 0; i < 40; ++i) {
            db.write([&](Transaction& tx) { add_customer(tx, std::to_string(i)); });
        }
        EXPECT_EQ(count(db.snapshot().scan(customers)), 40u);
    }
    Options options;
    options.segment_bytes = (std::uint64_t{1} << 30) + 4096;
    EXPECT_EQ(code_of([&] { static_cast<void>(Database::temporary(schema, options)); }),
              ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace amphora::shop

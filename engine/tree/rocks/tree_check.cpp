#include "tree/rocks/tree_check.hpp"

#include "base/system_error.hpp"
#include "tree/mark_record.hpp"
#include "tree/rocks/database/reading_options.hpp"
#include "tree/rocks/environment/status.hpp"
#include "tree/rocks/mark_record.hpp"

#include <amphora/error.hpp>

#include <memory>

#include <fmt/format.h>

namespace amphora::rocks {

namespace {

/// Only the steps are RocksDB's: memory that runs out between them does not damage it.
void walk(const OpenedDatabase& database, tree::Tree::Findings& findings) {
    const std::string& path = database.path();
    const auto inside = [&](auto step) { database.inside([&](rocksdb::DB&) { step(); }); };
    const auto release = [&](rocksdb::Iterator* iterator) {
        if (!database.is_left()) delete iterator;
    };
    const std::unique_ptr<rocksdb::Iterator, decltype(release)> entries(
        database.inside([](rocksdb::DB& rocks) {
            return rocks.NewIterator(reading_options(BlockCaching::pass_by));
        }),
        release);
    Buffer last;
    for (inside([&] { entries->SeekToFirst(); }); entries->Valid();
         inside([&] { entries->Next(); })) {
        const Bytes key{entries->key().data(), entries->key().size()};
        if (!(Bytes(last) < key)) {
            findings.report(fmt::format("{}: key {} does not come after {}", path,
                                        tree::to_hex(key), tree::to_hex(last)));
        }
        last.assign(key);
    }
    throw_if_failed(entries->status(), "walking the tree", path);
}

void verify_files(const OpenedDatabase& database, tree::Tree::Findings& findings) {
    const std::string& path = database.path();
    const rocksdb::Status files = database.inside([](rocksdb::DB& rocks) {
        return rocks.VerifyChecksum(reading_options(BlockCaching::pass_by));
    });
    if (!files.ok() && is_of_the_system(code_of(files))) raise(files, "verifying its files", path);
    if (!files.ok()) {
        findings.report(fmt::format("{}: {}", path, with_own_name(files.ToString(), path)));
    }
}

}  // namespace

void check_tree(const OpenedDatabase& database, const Identity& identity, FileNames names,
                tree::Tree::Findings& findings) {
    const std::string& path = database.path();
    if (names == FileNames::present) verify_files(database, findings);
    // The files were verified one by one; the walk shows that together they make one ordered tree.
    try {
        walk(database, findings);
        static_cast<void>(
            tree::recognize(find_mark_record(database, rocksdb::kReadAllTier), identity, path));
    } catch (const Error& error) {
        if (is_of_the_system(error.code())) throw;
        findings.report(error.what());
    }
}

}  // namespace amphora::rocks

#include "tree/rocks/tree_check.hpp"

#include "base/system_error.hpp"
#include "tree/own_space.hpp"
#include "tree/rocks/mark_record.hpp"
#include "tree/rocks/require.hpp"

#include <amphora/error.hpp>

#include <memory>

#include <fmt/format.h>

namespace amphora::rocks {

namespace {

void walk(rocksdb::DB& database, const std::string& path, tree::Tree::Findings& findings) {
    const rocksdb::ReadOptions options(true, false);
    const std::unique_ptr<rocksdb::Iterator> entries(database.NewIterator(options));
    Buffer last;
    for (entries->SeekToFirst(); entries->Valid(); entries->Next()) {
        const Bytes key{entries->key().data(), entries->key().size()};
        if (!(Bytes(last) < key)) {
            findings.report(fmt::format("{}: key {} does not come after {}", path,
                                        tree::to_hex(key), tree::to_hex(last)));
        }
        last.assign(key);
    }
    require(entries->status(), "walking the tree", path);
}

}  // namespace

void check_tree(const OpenedDatabase& database, const Identity& identity,
                tree::Tree::Findings& findings) {
    const std::string& path = database.path();
    const rocksdb::Status files = database.inside(
        [](rocksdb::DB& rocks) { return rocks.VerifyChecksum(rocksdb::ReadOptions(true, false)); });
#ifndef AMPHORA_MUTANT_UNREAD_TABLE_FILE_IS_DAMAGED
    if (!files.ok() && is_of_the_system(code_of(files))) raise(files, "verifying its files", path);
#endif
    if (!files.ok())
        findings.report(fmt::format("{}: {}", path, with_own_name(files.ToString(), path)));
    // The files verify one by one; that they make one ordered tree is seen by walking it.
    try {
        database.inside([&](rocksdb::DB& rocks) { walk(rocks, path, findings); });
        static_cast<void>(
            tree::recognize(find_mark_record(database, rocksdb::kReadAllTier), identity, path));
    } catch (const Error& error) {
        if (is_of_the_system(error.code())) throw;
        findings.report(error.what());
    }
}

}  // namespace amphora::rocks

#include "base/identity_file.hpp"
#include "support/lossy_disk.hpp"

#include <amphora/error.hpp>

namespace amphora {
namespace {

using support::Fate;
using support::LossyDisk;

IdentityFile example() {
    return {.identity = {.database = make_uuid(), .timeline = make_uuid()},
            .created_us = 1'769'863'496'789'012};
}

ErrorCode code_of(LossyDisk& disk) {
    try {
        (void)read_identity(disk, "db");
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), ::testing::HasSubstr("db/IDENTITY"));
        return error.code();
    }
    ADD_FAILURE() << "read without an error";
    return {};
}

/// A directory without the file is no database yet.
TEST(IdentityFileTest, AbsenceIsAnAnswer) {
    LossyDisk disk(1);
    EXPECT_EQ(read_identity(disk, "db"), std::nullopt);
}

TEST(IdentityFileTest, WhatWasWrittenIsRead) {
    LossyDisk disk(1);
    const IdentityFile first = example(), second = example();
    write_identity(disk, "db", first);
    EXPECT_EQ(read_identity(disk, "db"), first);
    write_identity(disk, "db", second);
    EXPECT_EQ(read_identity(disk, "db"), second);
    EXPECT_EQ(disk.list("db"), std::vector<std::string>{"IDENTITY"});
}

/// People can read it.
TEST(IdentityFileTest, IsText) {
    LossyDisk disk(1);
    IdentityFile content;
    content.identity.database.bytes = {0x0f, 0x1e};
    content.ancestors = {{{{0xff}}, Sequence{4711}, Ancestor::End::repaired},
                         {{{0xfe}}, Sequence{4712}, Ancestor::End::restored}};
    content.created_us = 42;
    write_identity(disk, "db", content);
    EXPECT_THAT(disk.content("db/IDENTITY"),
                ::testing::StartsWith("amphora database, format 2\n"
                                      "database 0f1e0000000000000000000000000000\n"
                                      "timeline 00000000000000000000000000000000\n"
                                      "ancestor ff000000000000000000000000000000 4711 repaired\n"
                                      "ancestor fe000000000000000000000000000000 4712 restored\n"
                                      "created 42\n"
                                      "checksum "));
    EXPECT_EQ(read_identity(disk, "db"), content);
}

/// Format 1 had no ancestors.
TEST(IdentityFileTest, AnEarlierFormatIsRead) {
    LossyDisk disk(1);
    IdentityFile first = example();
    first.format = 1;
    write_identity(disk, "db", first);
    EXPECT_EQ(read_identity(disk, "db"), first);
}

/// If any bit of it flips, or it ends early anywhere, it is called damaged and never read as
/// another.
TEST(IdentityFileTest, EveryDamageIsNoticed) {
    LossyDisk disk(1);
    write_identity(disk, "db", example());
    const Buffer intact = disk.content("db/IDENTITY");
    for (std::size_t at = 0; at < intact.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            Buffer damaged = intact;
            damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
            disk.load({{"db/IDENTITY", damaged}});
            EXPECT_EQ(code_of(disk), ErrorCode::corrupt) << "byte " << at << " bit " << bit;
        }
        disk.load({{"db/IDENTITY", intact.substr(0, at)}});
        EXPECT_EQ(code_of(disk), ErrorCode::corrupt) << "cut at " << at;
    }
    disk.load({{"db/IDENTITY", intact + "more"}});
    EXPECT_EQ(code_of(disk), ErrorCode::corrupt);
}

/// A later version of the library may add lines; this is distinguished from damage.
TEST(IdentityFileTest, ALaterFormatIsNamed) {
    LossyDisk disk(1);
    IdentityFile later = example();
    later.format = IdentityFile::format_newest + 1;
    write_identity(disk, "db", later);
    EXPECT_EQ(code_of(disk), ErrorCode::newer_format);
}

/// The power fails at every moment of replacing it: afterwards it is the old one or the new one.
TEST(IdentityFileTest, APowerCutLeavesTheOldOrTheNew) {
    const IdentityFile older = example(), newer = example();
    int saw_older = 0, saw_newer = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        LossyDisk disk(seed);
        write_identity(disk, "db", older);
        disk.fail_at(1 + seed % 6, Fate::power_cut);
        bool written = true;
        try {
            write_identity(disk, "db", newer);
        } catch (const Error&) {
            written = false;
        }
        disk.stop(Fate::power_cut);
        disk.restart();
        const auto found = read_identity(disk, "db");
        ASSERT_TRUE(found == older || found == newer) << "seed " << seed;
        if (written) {
            EXPECT_EQ(found, newer) << "seed " << seed;
        }
        (found == older ? saw_older : saw_newer) += 1;
        write_identity(disk, "db", newer);  // and it can be written again
    }
    EXPECT_GT(saw_older, 10);
    EXPECT_GT(saw_newer, 10);
}

}  // namespace
}  // namespace amphora

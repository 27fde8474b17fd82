// engine/FORMAT.md: its tables of offsets, tags, sizes and format numbers are what the encoders
// write.

#include "codec/key/format.hpp"
#include "base/identity_file.hpp"
#include "catalog/definition/primary_key.hpp"
#include "catalog/evolution/stored_catalog.hpp"
#include "codec/bytes_io.hpp"
#include "codec/row.hpp"
#include "database/directory/archive_file.hpp"
#include "database/directory/backup_file.hpp"
#include "database/directory/directory.hpp"
#include "database/live/live_page.hpp"
#include "database/live/observers_file.hpp"
#include "database/rescue/quarantine.hpp"
#include "document/collection/collections.hpp"
#include "journal/archive/segment_catalog.hpp"
#include "journal/segment/active_segment.hpp"
#include "journal/segment/frame.hpp"
#include "journal/segment/segment_header.hpp"
#include "journal/segment/successor_block.hpp"
#include "outbox/record.hpp"
#include "pages/page.hpp"
#include "relational/row/index_entry.hpp"
#include "transaction/epochs.hpp"
#include "tree/lmdb/space_digest.hpp"
#include "tree/mark_record.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace amphora::pages {
namespace {

const std::string page = "engine/FORMAT.md";

std::vector<Row> rows_below(const std::string& heading) {
    return pages::rows_below(page, heading);
}

template <class Number>
Buffer little(Number number) {
    Buffer bytes;
    codec::append_little(bytes, number);
    return bytes;
}

Uuid uuid(std::uint8_t first) {
    Uuid made;
    for (std::size_t i = 0; i < made.bytes.size(); ++i) {
        made.bytes[i] = static_cast<std::uint8_t>(first + i);
    }
    return made;
}

Buffer bytes_of(const Uuid& uuid) {
    return {reinterpret_cast<const char*>(uuid.bytes.data()), uuid.bytes.size()};
}

/// The bytes that each field of a page's table must have.
using Fields = std::map<std::string, Buffer>;

/// Every field of the table is at its place in `encoded`, the fields follow each other without a
/// gap, and the table has all of `fields`. The bytes of a checksum are not compared.
void expect_layout(const std::string& heading, Bytes encoded, const Fields& fields) {
    std::size_t end = 0;
    std::size_t met = 0;
    for (const Row& row : rows_below(heading)) {
        const std::size_t offset = std::stoul(row.at(0));
        const std::size_t bytes = std::stoul(row.at(1));
        const std::string& field = row.at(2);
        SCOPED_TRACE(heading + ": " + field);
        ASSERT_LE(offset + bytes, encoded.size());
        const Bytes between = encoded.substr(end, offset - end);
        EXPECT_EQ(between.find_first_not_of('\0'), Bytes::npos) << "a field is not in the table";
        end = offset + bytes;
        if (field == "checksum") continue;
        const auto known = fields.find(field);
        ASSERT_NE(known, fields.end()) << "the encoder writes no such field";
        EXPECT_EQ(encoded.substr(offset, bytes), known->second);
        ++met;
    }
    EXPECT_EQ(met, fields.size()) << heading << ": a field is not in the table";
    EXPECT_EQ(encoded.substr(end).find_first_not_of('\0'), Bytes::npos);
}

const Identity identity{uuid(0x11), uuid(0x41)};

TEST(FormatPage, TheSegmentHeaderIsAsTheTableSays) {
    const journal::SegmentHeader header{
        .identity = identity,
        .epoch = Epoch{0x1101},
        .nonce = 0x1102,
        .number = 0x1103,
        .salt = 0x1104,
        .prior = {.epoch = Epoch{0x1105}, .sequence = Sequence{0x1106}, .chain = 0x1107},
        .prior_time_us = 0x1108,
        .predecessor = {.number = 0x1109, .salt = 0x110a, .end = 0x110b, .chain = 0x110c},
        .copies_end = 0x110d,
        .file_bytes = 0x110e};
    const Buffer blocks = encode(header);
    ASSERT_EQ(blocks.size(), journal::header_bytes);
    const Bytes block = Bytes{blocks}.substr(0, journal::block_bytes);
    EXPECT_EQ(block, Bytes{blocks}.substr(journal::block_bytes, journal::block_bytes));
    expect_layout("Segment header", block,
                  {{"magic", "AMPHJRNL"},
                   {"format", little(journal::format_newest)},
                   {"database", bytes_of(identity.database)},
                   {"timeline", bytes_of(identity.timeline)},
                   {"epoch", little(std::uint64_t{0x1101})},
                   {"nonce", little(std::uint64_t{0x1102})},
                   {"number", little(std::uint64_t{0x1103})},
                   {"salt", little(std::uint64_t{0x1104})},
                   {"prior epoch", little(std::uint64_t{0x1105})},
                   {"prior sequence", little(std::uint64_t{0x1106})},
                   {"prior chain", little(std::uint64_t{0x1107})},
                   {"prior time", little(std::uint64_t{0x1108})},
                   {"predecessor number", little(std::uint64_t{0x1109})},
                   {"predecessor salt", little(std::uint64_t{0x110a})},
                   {"predecessor end", little(std::uint64_t{0x110b})},
                   {"predecessor chain", little(std::uint64_t{0x110c})},
                   {"end of copies", little(std::uint64_t{0x110d})},
                   {"file bytes", little(std::uint64_t{0x110e})}});
}

TEST(FormatPage, TheBlocksOfASegmentAreWhereTheTableSays) {
    std::vector<std::string> offsets;
    for (const Row& row : rows_below("The journal")) offsets.push_back(row.at(0));
    EXPECT_THAT(offsets,
                testing::ElementsAre("0", std::to_string(journal::block_bytes),
                                     std::to_string(journal::successor_offset),
                                     std::to_string(journal::header_bytes),
                                     fmt::format("{} bytes before the end", journal::marks_bytes)));
}

TEST(FormatPage, TheSuccessorIsAsTheTableSays) {
    const Buffer block = journal::encode_successor({.number = 0x2201, .salt = 0x2202}, 0x2203);
    ASSERT_EQ(block.size(), journal::block_bytes);
    const Bytes half = Bytes{block}.substr(0, journal::block_bytes / 2);
    EXPECT_EQ(half, Bytes{block}.substr(journal::block_bytes / 2));
    expect_layout("Successor", half,
                  {{"magic", "AMPHSUCC"},
                   {"salt", little(std::uint64_t{0x2203})},
                   {"successor number", little(std::uint64_t{0x2201})},
                   {"successor salt", little(std::uint64_t{0x2202})}});
}

TEST(FormatPage, TheFrameIsAsTheTableSays) {
    journal::FrameHeader header{.salt = 0x3301,
                                .previous = 0x3302,
                                .kind = journal::FrameKind::copied,
                                .segment = 0x3303,
                                .epoch = Epoch{0x3304},
                                .first = Sequence{0x3305},
                                .commits = 0x3306,
                                .durable_offset = 0x3307,
                                .durable = Sequence{0x3308},
                                .time_us = 0x3309};
    journal::FrameBuilder builder;
    builder.begin();
    const Bytes frame = builder.finish(header, 0);
    Fields kinds;
    for (const Row& row : rows_below("Kinds of frames")) kinds[row.at(1)] = row.at(0);
    EXPECT_THAT(kinds, testing::UnorderedElementsAre(
                           testing::Pair("commits", "0"), testing::Pair("copied", "1"),
                           testing::Pair("idle", "2"), testing::Pair("closing", "3")));
    EXPECT_EQ(static_cast<int>(journal::FrameKind::commits), 0);
    EXPECT_EQ(static_cast<int>(journal::FrameKind::copied), 1);
    EXPECT_EQ(static_cast<int>(journal::FrameKind::idle), 2);
    EXPECT_EQ(static_cast<int>(journal::FrameKind::closing), 3);
    expect_layout("Frame", frame,
                  {{"salt", little(std::uint64_t{0x3301})},
                   {"previous", little(std::uint64_t{0x3302})},
                   {"bytes", little(static_cast<std::uint32_t>(journal::frame_header_bytes))},
                   {"kind", "\x01"},
                   {"magic", "FrM"},
                   {"segment", little(std::uint64_t{0x3303})},
                   {"epoch", little(std::uint64_t{0x3304})},
                   {"first", little(std::uint64_t{0x3305})},
                   {"commits", little(std::uint32_t{0x3306})},
                   {"durable offset", little(std::uint32_t{0x3307})},
                   {"durable", little(std::uint64_t{0x3308})},
                   {"time", little(std::uint64_t{0x3309})}});
}

TEST(FormatPage, TheMarkAndTheDigestAreAsTheTablesSay) {
    const tree::MarkRecord record{
        identity, {.epoch = Epoch{0x4401}, .sequence = Sequence{0x4402}, .chain = 0x4403}};
    const Buffer mark = encode(record);
    expect_layout("Mark", mark,
                  {{"format", little(std::uint32_t{1})},
                   {"database", bytes_of(identity.database)},
                   {"timeline", bytes_of(identity.timeline)},
                   {"epoch", little(std::uint64_t{0x4401})},
                   {"sequence", little(std::uint64_t{0x4402})},
                   {"chain", little(std::uint64_t{0x4403})}});
    const Buffer digest = lmdb::encode(lmdb::SpaceDigest{.entries = 0x5501, .sum = 0x5502});
    expect_layout(
        "Digest", digest,
        {{"entries", little(std::uint64_t{0x5501})}, {"sum", little(std::uint64_t{0x5502})}});
    EXPECT_EQ(tree::mark_key, Bytes("\0\0\0\0m", 5));
    EXPECT_EQ(lmdb::digest_key(0x01020304), Buffer("\0\0\0\0d\x01\x02\x03\x04", 9));
}

/// The number of bytes that a column of fixed width adds to a row.
std::string width_of(codec::RowType type, const Cell& cell) {
    Buffer row;
    codec::encode_row(std::array{type}, std::array{cell}, row);
    constexpr std::size_t before = 1 + 2 + 1;  // format, columns, nulls
    return std::to_string(row.size() - before);
}

TEST(FormatPage, TheColumnsOfARowHaveTheWidthsOfTheTable) {
    using codec::RowType;
    const std::map<std::string, std::string> widths{
        {"BIGINT", width_of(RowType::int64, Cell::of(std::int64_t{1}))},
        {"INT", width_of(RowType::int32, Cell::of(std::int64_t{1}))},
        {"SMALLINT", width_of(RowType::int16, Cell::of(std::int64_t{1}))},
        {"BOOLEAN", width_of(RowType::boolean, Cell::of(true))},
        {"FLOAT", width_of(RowType::float32, Cell::of(1.5))},
        {"DOUBLE", width_of(RowType::float64, Cell::of(1.5))},
        {"DATETIME", width_of(RowType::datetime, Cell::of(DateTime{1}))},
        {"DATE", width_of(RowType::date, Cell::of(Date{1}))},
        {"TIME", width_of(RowType::time, Cell::of(Time{1}))},
        {"ENUM", width_of(RowType::enumeration, Cell::enumeration(1))},
        {"DECIMAL", "variable"},
        {"VARCHAR, TEXT, JSON", "variable"},
        {"BLOB", "variable"}};
    std::map<std::string, std::string> on_page;
    for (const Row& row : rows_below("Row")) on_page[row.at(0)] = row.at(1);
    EXPECT_EQ(on_page, widths);
}

TEST(FormatPage, TheTagsOfKeysAreThoseOfTheTable) {
    namespace tag = codec::tag;
    const auto one = [](int value) { return fmt::format("{:02x}", value); };
    const std::vector<std::string> tags{
        one(tag::min_key),
        one(tag::undefined),
        one(tag::null),
        one(tag::not_a_number),
        one(tag::minus_infinity),
        one(tag::minus_large),
        fmt::format("{:02x} to {:02x}", tag::minus_base - 8, tag::minus_base - 1),
        one(tag::minus_base),
        one(tag::zero),
        one(tag::plus_base),
        fmt::format("{:02x} to {:02x}", tag::plus_base + 1, tag::plus_base + 8),
        one(tag::plus_large),
        one(tag::plus_infinity),
        one(tag::text),
        one(tag::object),
        one(tag::array),
        one(tag::binary),
        one(tag::object_id),
        one(tag::no),
        one(tag::yes),
        one(tag::datetime_early),
        one(tag::datetime),
        one(tag::datetime_late),
        one(tag::timestamp),
        one(tag::regex),
        one(tag::db_pointer),
        one(tag::code),
        one(tag::code_with_scope),
        one(tag::blob),
        one(tag::date),
        one(tag::time),
        one(tag::enumeration),
        one(tag::max_key)};
    std::vector<std::string> on_page;
    for (const Row& row : rows_below("Elements")) on_page.push_back(row.at(0));
    EXPECT_EQ(on_page, tags);
}

TEST(FormatPage, TheSpacesAndTheBoundsOfKeysAreThoseOfTheTables) {
    std::vector<std::string> spaces;
    for (const Row& row : rows_below("Spaces")) spaces.push_back(row.at(0));
    EXPECT_THAT(spaces, testing::ElementsAre(std::to_string(number(space_tree)),
                                             std::to_string(number(space_catalog)),
                                             std::to_string(number(transaction::space_epochs)),
                                             std::to_string(number(space_first_free))));
    std::map<std::string, std::string> bounds;
    for (const Row& row : rows_below("Long keys")) bounds[row.at(0)] = row.at(1);
    EXPECT_EQ(bounds,
              (std::map<std::string, std::string>{
                  {"key of a row",
                   std::to_string(codec::key_space_bytes + catalog::primary_key_bytes_max)},
                  {"columns of an index", std::to_string(relational::index_columns_bytes_max)},
                  {"part of a document's key", std::to_string(document::part_bytes_max)},
                  {"hash", std::to_string(codec::key_hash_bytes)}}));
}

TEST(FormatPage, TheNamesInTheDirectoryAreThoseOfTheTable) {
    const DatabasePaths paths{"d"};
    const auto name = [](const std::string& path) {
        return std::filesystem::path{path}.filename().string();
    };
    std::vector<std::string> on_page;
    for (const Row& row : rows_below("The directory")) on_page.push_back(row.at(0));
    EXPECT_THAT(on_page,
                testing::UnorderedElementsAre(
                    IdentityFile::name, BackupFile::name, ArchiveFile::name, DirectoryLock::name,
                    live::page_name, live::observers_name, Quarantine::name, name(paths.creating),
                    name(paths.journal), name(paths.relational), name(paths.documents),
                    name(paths.compacted), name(paths.in_hand)));
}

/// The number at the front of what an encoder wrote.
std::string first_byte(const Buffer& encoded) {
    return std::to_string(static_cast<unsigned char>(encoded.at(0)));
}

TEST(FormatPage, TheFormatNumbersAreThoseOfTheTable) {
    using catalog::stored::Header;
    Buffer narrow;
    codec::encode_row(std::array{codec::RowType::text}, std::array{Cell::of(std::string_view{"a"})},
                      narrow);
    const std::string long_text(1u << 16, 'a');
    Buffer wide;
    codec::encode_row(std::array{codec::RowType::text},
                      std::array{Cell::of(std::string_view{long_text})}, wide);
    EXPECT_EQ(catalog::stored::encode(Header{}).at(0),
              catalog::stored::encode(catalog::stored::Entry{}).at(0));
    const std::map<std::string, std::string> numbers{
        {"IDENTITY", std::to_string(IdentityFile::format_newest)},
        {"BACKUP", std::to_string(BackupFile::format_newest)},
        {"ARCHIVE", std::to_string(ArchiveFile::format_newest)},
        {"segment", std::to_string(journal::format_newest)},
        {"commit record", first_byte(outbox::RecordWriter{8}.finish())},
        {"catalog of an archived segment", std::to_string(journal::segment_catalog_format)},
        {"mark", first_byte(encode(tree::MarkRecord{}))},
        {"catalog", first_byte(catalog::stored::encode(Header{}))},
        {"row", first_byte(narrow) + " and " + first_byte(wide)}};
    std::map<std::string, std::string> on_page;
    for (const Row& row : rows_below("Format numbers")) on_page[row.at(0)] = row.at(1);
    EXPECT_EQ(on_page, numbers);
}

}  // namespace
}  // namespace amphora::pages

#include "base/published_page.hpp"

#include "support/code_of.hpp"
#include "support/message_of.hpp"
#include "support/read_file.hpp"
#include "support/scratch_directory.hpp"

#include <amphora/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <sys/stat.h>

namespace amphora {
namespace {

using support::code_of;
using support::message_of;
using testing::HasSubstr;

class PublishedPageTest : public ::testing::Test {
  protected:
    void overwrite(std::uint64_t offset, const std::string& bytes) const {
        std::fstream file{path_, std::ios::in | std::ios::out | std::ios::binary};
        file.seekp(static_cast<std::streamoff>(offset));
        file << bytes;
    }

    /// Of the first part.
    static std::uint64_t first_letter(std::size_t slot) {
        return PageLayout::slot_offset(0, slot) + PageLayout::slot_head_bytes;
    }
    [[nodiscard]] std::size_t slot_with(const std::string& text) const {
        const std::string whole = support::read_file(path_);
        const bool is_first = whole.compare(first_letter(0), text.size(), text) == 0;
        return is_first ? 0 : 1;
    }

    support::ScratchDirectory scratch_;
    std::string path_ = scratch_ / "LIVE";
};

TEST_F(PublishedPageTest, IsReadAsItWasPublished) {
    const auto page = PublishedPage::open(path_);
    const PageReader reader{path_};
    EXPECT_EQ(reader.word(0), 0u);
    EXPECT_EQ(reader.part(0), "");
    page->store(0, 17);
    page->store(7, UINT64_MAX);
    page->publish(0, "short");
    const Buffer longest(PublishedPage::room_of(1), 'x');
    page->publish(1, longest);
    EXPECT_EQ(reader.word(0), 17u);
    EXPECT_EQ(reader.word(1), 0u);
    EXPECT_EQ(reader.word(7), UINT64_MAX);
    EXPECT_EQ(reader.part(0), "short");
    EXPECT_EQ(reader.part(1), longest);
    page->publish(1, "");
    EXPECT_EQ(reader.part(1), "");
    EXPECT_EQ(reader.part(0), "short");
}

/// The file never changes its size, and has no other name left.
TEST_F(PublishedPageTest, HasItsFullSizeFromTheBeginning) {
    const auto page = PublishedPage::open(path_);
    EXPECT_EQ(std::filesystem::file_size(path_), PageLayout::file_bytes);
    page->publish(1, Buffer(1000, 'x'));
    EXPECT_EQ(std::filesystem::file_size(path_), PageLayout::file_bytes);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator{scratch_.path()}, {}), 1);
}

/// A part has one letter, and its length follows from the letter. A number never becomes smaller.
TEST_F(PublishedPageTest, NothingIsReadHalf) {
    const auto page = PublishedPage::open(path_);
    page->publish(0, Buffer(40, 'a'));
    const std::jthread writer{[&](const std::stop_token& ends) {
        for (std::uint64_t i = 1; !ends.stop_requested(); ++i) {
            page->store(2, i * 0x0101010101ull);
            const auto letter = static_cast<char>('a' + i % 26);
            page->publish(0, Buffer(20u * static_cast<unsigned char>(letter) - 1900, letter));
        }
    }};
    const PageReader reader{path_};
    std::uint64_t before = 0;
    for (int i = 0; i < 5000; ++i) {
        const std::uint64_t number = reader.word(2);
        ASSERT_EQ(number % 0x0101010101ull, 0u);
        ASSERT_GE(number, before);
        before = number;
        const Buffer part = reader.part(0);
        ASSERT_FALSE(part.empty());
        ASSERT_EQ(part.size(), 20u * static_cast<unsigned char>(part[0]) - 1900);
        ASSERT_TRUE(std::ranges::all_of(part, [&](char each) { return each == part[0]; }));
    }
}

TEST_F(PublishedPageTest, TheNextWriterContinuesIt) {
    PublishedPage::open(path_)->store(0, 5);
    const PageReader reader{path_};
    const auto page = PublishedPage::open(path_);
    EXPECT_EQ(page->word(0), 5u);
    page->store(0, 6);
    EXPECT_EQ(reader.word(0), 6u) << "the same file";
}

/// What a writer leaves that is killed in the middle of a change: the contents from before.
TEST_F(PublishedPageTest, AHalfWrittenPartHasTheContentsFromBefore) {
    {
        const auto page = PublishedPage::open(path_);
        page->publish(0, "the first");
        page->publish(0, "the second");
    }
    overwrite(first_letter(slot_with("the second")), "x");
    const PageReader reader{path_};
    EXPECT_EQ(reader.part(0), "the first");
    const auto page = PublishedPage::open(path_);
    EXPECT_EQ(reader.part(0), "the first") << "an opening changes no part";
    for (const char* text : {"the third", "the fourth", "the fifth"}) {
        page->publish(0, text);
        EXPECT_EQ(reader.part(0), text);
    }
}

TEST_F(PublishedPageTest, DamageIsNamedAndTheNextWriterMendsIt) {
    {
        const auto page = PublishedPage::open(path_);
        page->publish(0, "the first");
        page->publish(0, "the second");
    }
    for (std::size_t slot = 0; slot < PageLayout::slots; ++slot) overwrite(first_letter(slot), "x");
    overwrite(PageLayout::word_offset(3), "x");
    const PageReader reader{path_};
    EXPECT_THAT(message_of(ErrorCode::corrupt, [&] { static_cast<void>(reader.part(0)); }),
                HasSubstr(path_));
    EXPECT_EQ(code_of([&] { static_cast<void>(reader.word(3)); }), ErrorCode::corrupt);
    EXPECT_EQ(reader.word(2), 0u);
    PublishedPage::open(path_)->publish(0, "again");
    EXPECT_EQ(reader.part(0), "again");
}

/// A reader that has the file open gets an error, and no signal.
TEST_F(PublishedPageTest, AFileThatShrinksIsNamed) {
    PublishedPage::open(path_)->publish(1, Buffer(10'000, 'x'));
    const PageReader reader{path_};
    std::filesystem::resize_file(path_, 5000);
    EXPECT_EQ(code_of([&] { static_cast<void>(reader.part(1)); }), ErrorCode::corrupt);
    EXPECT_EQ(reader.word(0), 0u);
    std::filesystem::resize_file(path_, 3);
    EXPECT_EQ(code_of([&] { const PageReader other{path_}; }), ErrorCode::corrupt);
}

TEST_F(PublishedPageTest, AnythingElseIsRefusedAndReplacedByTheNextWriter) {
    EXPECT_EQ(code_of([&] { const PageReader none{path_}; }), ErrorCode::not_a_database);
    std::ofstream{path_} << "a letter";
    EXPECT_EQ(code_of([&] { const PageReader letter{path_}; }), ErrorCode::corrupt);
    const auto page = PublishedPage::open(path_);
    page->publish(0, "content");
    EXPECT_EQ(PageReader{path_}.part(0), "content");
}

/// A store to a hole would end the process on a full disk.
TEST_F(PublishedPageTest, ACopyWithHolesIsReplaced) {
    PublishedPage::open(path_)->store(0, 5);
    const std::string head = support::read_file(path_).substr(0, 4096);
    std::ofstream{path_, std::ios::binary | std::ios::trunc} << head;
    std::filesystem::resize_file(path_, PageLayout::file_bytes);
    const PageReader before{path_};
    ASSERT_EQ(before.word(0), 5u);
    const auto page = PublishedPage::open(path_);
    EXPECT_EQ(before.word(0), 0u);
    struct stat about {};
    ASSERT_EQ(::stat(path_.c_str(), &about), 0);
    EXPECT_GE(static_cast<std::uint64_t>(about.st_blocks) * 512, PageLayout::file_bytes);
}

/// Those that read the old file see that it ends.
TEST_F(PublishedPageTest, AnotherFormatIsNamedAndReplacedByTheNextWriter) {
    PublishedPage::open(path_)->store(0, 5);
    const PageReader before{path_};
    overwrite(8, "\x09");
    EXPECT_EQ(code_of([&] { const PageReader reader{path_}; }), ErrorCode::newer_format);
    const auto page = PublishedPage::open(path_);
    EXPECT_EQ(before.word(0), 0u);
    page->store(0, 1);
    EXPECT_EQ(PageReader{path_}.word(0), 1u);
    EXPECT_EQ(before.word(0), 0u) << "the old file";
}

}  // namespace
}  // namespace amphora

#include "journal/segment/segment_reader.hpp"

#include <gtest/gtest.h>

#include <string>

namespace amphora::journal {
namespace {

/// A file that is cut off after its size was read.
class CutFile final : public File {
  public:
    [[nodiscard]] Buffer read_at(std::uint64_t offset, std::size_t bytes) const override {
        return offset < content_.size() ? content_.substr(offset, bytes) : Buffer{};
    }
    void write_at(std::uint64_t, Bytes) override {}
    void sync() override {}
    void truncate(std::uint64_t) override {}
    [[nodiscard]] std::uint64_t size() const override { return 1u << 20; }
    [[nodiscard]] const std::string& path() const noexcept override { return path_; }

  private:
    const Buffer content_ = Buffer(header_bytes + 100, '\0');
    const std::string path_ = "journal/000001.log";
};

TEST(SegmentScanTest, AFileThatIsCutOffMeanwhileHasAnEnd) {
    const CutFile file;
    SegmentHeader header;
    header.number = 1;
    header.salt = 7;
    SegmentReader scan{file, header};
    EXPECT_FALSE(scan.next());
    EXPECT_EQ(scan.look_beyond().end, header_bytes);
}

}  // namespace
}  // namespace amphora::journal

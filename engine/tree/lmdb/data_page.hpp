#pragma once

#include "tree/lmdb/data_file.hpp"

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

/// One page of LMDB's file, parsed without trusting it: nothing outside of its bytes is ever read.
///
///   page      number (8) | pad (2) | flags (2) | lower (2) | upper (2)
///             | offsets of nodes (2 each) | nodes
///   node      low (2) | high (2) | flags (2) | key length (2) | key
///             | value, or number of its overflow page
///   overflow  a page with its count of pages (4) in place of lower and upper, then the value
///   the value.
namespace amphora::lmdb {

template <class Number>
[[nodiscard]] Number number_at(Bytes bytes, std::size_t offset) noexcept {
    Number number;
    std::memcpy(&number, bytes.data() + offset, sizeof number);
    return number;
}

class DataPage {
  public:
    enum class Kind : std::uint16_t { branch = 0x01, leaf = 0x02, overflow = 0x04 };
    static constexpr std::size_t header_bytes = 16;

    struct Node {
        Bytes key;
        std::uint64_t child = 0;  ///< of a branch
        bool overflows = false;   ///< of a leaf: `value` is the number of an overflow page
        std::uint32_t value_bytes = 0;
        Bytes value;
    };

    /// Whether the number in a page must be its own. Only a salvage reads other pages.
    enum class NumberCheck : std::uint8_t { own, any };

    /// The page; none, with the reason in `problem`, if the bytes cannot be that page.
    [[nodiscard]] static std::optional<DataPage> read(const DataFile& file, const Meta& meta,
                                                      std::uint64_t number, std::string& problem,
                                                      NumberCheck check = NumberCheck::own);
    [[nodiscard]] std::optional<Node> node(std::size_t index, std::string& problem) const;
    /// Whether the page has entries, all are readable, their keys ascend, and they use all bytes that
    /// entries have in the page, as LMDB leaves it. So no entry is hidden by a damaged count, offset
    /// or length. For a page of the main tree.
    [[nodiscard]] bool is_sound(std::string& problem) const;

    /// The value of `bytes` bytes that begins on page `number`.
    [[nodiscard]] static std::optional<Buffer> read_overflow(const DataFile& file, const Meta& meta,
                                                             std::uint64_t number,
                                                             std::uint32_t bytes,
                                                             std::string& problem);
    [[nodiscard]] static std::uint64_t overflow_pages(const Meta& meta,
                                                      std::uint32_t bytes) noexcept {
        return (header_bytes - 1 + bytes) / meta.page_bytes + 1;
    }

    [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
    /// The number that the page contains.
    [[nodiscard]] std::uint64_t borne_number() const noexcept {
        return number_at<std::uint64_t>(bytes_, 0);
    }
    [[nodiscard]] Kind kind() const noexcept { return kind_; }
    [[nodiscard]] std::size_t entries() const noexcept { return entries_; }

  private:
    std::uint64_t number_ = 0;
    Kind kind_{};
    std::size_t entries_ = 0;
    std::size_t upper_ = 0;
    Buffer bytes_;
};

}  // namespace amphora::lmdb

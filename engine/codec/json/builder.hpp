#pragma once

#include "base/bytes.hpp"
#include "codec/json/buffer.hpp"
#include "codec/json/names.hpp"

#include <amphora/document.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// Builds BSON from the steps of a JSON parser: begin, name, value, end.
namespace amphora::codec {

/// Every step returns whether to continue; after false, `fault` has the reason. An object is first
/// written as an ordinary one. When it ends, and one of its names began with "$", it may be a typed
/// value, which then replaces it.
class JsonBuilder {
  public:
    void restart() noexcept;

    bool begin_object() { return begin(BsonType::document); }
    bool begin_array() { return begin(BsonType::array); }
    bool end_object();
    bool end_array() { return end(); }

    bool name_part(Bytes part);
    bool name(Bytes part);  ///< the last part, or the only one
    bool text_part(Bytes part);
    bool text(Bytes part);  ///< the last part, or the only one
    bool integer(std::int64_t number);
    bool real(double number);
    bool decimal(const Decimal128& number);
    bool boolean(bool value);
    bool null();

    /// Refuses the text, with a reason.
    bool refuse(std::string reason);

    [[nodiscard]] const std::string& fault() const noexcept { return fault_; }
    /// The result: its type, its bytes and their levels of nesting.
    [[nodiscard]] BsonType type() const noexcept { return type_; }
    [[nodiscard]] Bytes bytes() const noexcept { return buffer_.bytes(); }
    [[nodiscard]] int depth() const noexcept { return depth_; }

  private:
    struct Open {
        std::size_t type_at;  // offset of its type byte; `nowhere` for the outermost
        std::size_t start;
        std::uint32_t position = 0;  // of the next element, in an array
        int depth = 0;               // levels inside of it
        bool is_array = false;
        bool has_dollar = false;
    };
    static constexpr std::size_t nowhere = SIZE_MAX;

    /// Makes room for the head of the next value; returns the offset of its type byte.
    std::size_t head(BsonType type);
    void set_type(std::size_t at, BsonType type);
    bool begin(BsonType type);
    bool end();
    bool check_size();
    bool check_part();
    /// For the outermost value: its contents may express something flatter and smaller.
    bool check_whole();

    JsonBuffer buffer_;
    std::vector<Open> open_;
    JsonNames names_;
    std::size_t type_at_ = nowhere;  // of the element whose name was read last
    std::size_t part_at_ = nowhere;  // where the name or text begins that comes in parts
    BsonType type_ = BsonType::null;
    int depth_ = 0;
    std::string fault_;
};

}  // namespace amphora::codec

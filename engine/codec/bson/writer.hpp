#pragma once

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "codec/bson/layout.hpp"

#include <amphora/document.hpp>

#include <array>
#include <cstddef>

/// Writes BSON from front to back into one buffer: the fast way, for the engine's own code.
///
///   BsonWriter writer{buffer};
///   const auto document = writer.begin_document();
///   writer.element("_id", id);
///   const auto tags = writer.begin("tags", BsonType::array);
///   ...
///   writer.end(tags);
///   writer.end(document);
///
/// The writer trusts its caller: names have no NUL and are UTF-8, values are valid, every `begin`
/// has its `end`, inner before outer.
namespace amphora::codec {

class BsonWriter {
  public:
    /// Where an open document begins in the buffer.
    struct Open {
        std::size_t at;
    };

    /// Appends to `buffer`, which must outlive the writer.
    explicit BsonWriter(Buffer& buffer) noexcept : buffer_{buffer} {}

    Open begin_document() {
        const Open open{buffer_.size()};
        append_little(buffer_, std::int32_t{0});
        return open;
    }
    /// Begins a document or array, as an element of the one that is open.
    Open begin(Bytes name, BsonType type) {
        head(name, type);
        return begin_document();
    }
    /// Throws `value_too_large` when the document has grown beyond 16 MiB.
    void end(Open open);

    void element(Bytes name, BsonView value) {
        head(name, value.type());
        buffer_.append(value.raw());
    }

    /// Type and name of an element, whose value the caller appends.
    void head(Bytes name, BsonType type) {
        AMPHORA_DEBUG_ASSERT(name.find('\0') == Bytes::npos);
        buffer_.push_back(static_cast<char>(type));
        append_cstring(buffer_, name);
    }

  private:
    Buffer& buffer_;
};

/// The name of an array's element: its position in decimal digits.
class ArrayName {
  public:
    explicit ArrayName(std::size_t position) noexcept;
    operator Bytes() const noexcept { return {digits_.data() + start_, digits_.size() - start_}; }

  private:
    std::array<char, 20> digits_;
    std::size_t start_ = digits_.size();
};

}  // namespace amphora::codec

#include "base/clock.hpp"

#include <amphora/error.hpp>
#include <amphora/object_id.hpp>

#include <pthread.h>
#include <sys/random.h>

#include <atomic>
#include <cstdint>

namespace amphora {

namespace {

/// What all ids of a process share. One for the whole process, because two databases in one process
/// must not make the same id.
struct Source {
    std::atomic<std::uint64_t> process{0};  // 40 random bits
    std::atomic<std::uint32_t> counter{0};  // starts at random, as the format requires

    Source() {
        if (!reseed()) {
            throw Error{ErrorCode::io_error,
                        "object ids need random numbers, and the operating system gives none"};
        }
        // A child with its parent's numbers would make its parent's ids.
        pthread_atfork(nullptr, nullptr, [] { static_cast<void>(source().reseed()); });
    }

    static Source& source() {
        static Source only;
        return only;
    }

    bool reseed() noexcept {
        std::array<std::uint64_t, 2> random{};
        if (getrandom(random.data(), sizeof random, 0) != sizeof random) return false;
        process.store(random[0] & 0xff'ffff'ffff, std::memory_order_relaxed);
        counter.store(static_cast<std::uint32_t>(random[1]), std::memory_order_relaxed);
        return true;
    }
};

void put_big(std::uint8_t* at, std::uint64_t number, int bytes) noexcept {
    for (int i = bytes - 1; i >= 0; --i, number >>= 8) at[i] = static_cast<std::uint8_t>(number);
}

constexpr char hex_digits[] = "0123456789abcdef";

int hex_value(char digit) noexcept {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

}  // namespace

ObjectId ObjectId::generate() {
    Source& source = Source::source();
    const std::int64_t seconds = floor_milliseconds(now_us()) / 1000;
    std::array<std::uint8_t, size> bytes;
    put_big(&bytes[0], static_cast<std::uint64_t>(seconds), 4);
    put_big(&bytes[4], source.process.load(std::memory_order_relaxed), 5);
    put_big(&bytes[9], source.counter.fetch_add(1, std::memory_order_relaxed), 3);
    return ObjectId{bytes};
}

std::optional<ObjectId> ObjectId::parse(std::string_view hex) noexcept {
    if (hex.size() != 2 * size) return std::nullopt;
    std::array<std::uint8_t, size> bytes;
    for (std::size_t i = 0; i < size; ++i) {
        const int high = hex_value(hex[2 * i]);
        const int low = hex_value(hex[2 * i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return ObjectId{bytes};
}

std::string ObjectId::hex() const {
    std::string text;
    text.reserve(2 * size);
    for (const std::uint8_t byte : bytes_) {
        text += hex_digits[byte >> 4];
        text += hex_digits[byte & 0xf];
    }
    return text;
}

DateTime ObjectId::created_at() const noexcept {
    std::int64_t seconds = 0;
    for (int i = 0; i < 4; ++i) seconds = seconds << 8 | bytes_[static_cast<std::size_t>(i)];
    return DateTime{seconds * 1'000'000};
}

}  // namespace amphora

#include "tree/rocks/salvage_walk.hpp"

#include "tree/own_space.hpp"
#include "tree/rocks/reading_options.hpp"

#include <fmt/format.h>

namespace amphora::rocks {

namespace {

constexpr std::size_t losses_max = 100;
/// Bytes behind the last key in which a seek may tell two keys apart.
constexpr std::size_t finer_bytes = 8;

/// `key` as a number of fixed width, plus 2^bit; empty: there is no such key.
Buffer advanced(Buffer key, std::size_t bit) {
    std::size_t at = key.size() - 1 - bit / 8;
    unsigned carry = 1u << bit % 8;
    for (;;) {
        carry += static_cast<unsigned char>(key[at]);
        key[at] = static_cast<char>(carry & 0xFF);
        carry >>= 8;
        if (carry == 0) return key;
        if (at-- == 0) return {};
    }
}

}  // namespace

SalvageWalk::SalvageWalk(rocksdb::DB& database, const Visit& visit)
    : database_{database}, visit_{visit} {}

void SalvageWalk::run() {
    Buffer last{tree::mark_key};
    bool open = seek(tree::first_key);
    for (;;) {
        for (; open && entry_->Valid(); entry_->Next()) {
            last.assign(entry_->key().data(), entry_->key().size());
            visit_(last, {entry_->value().data(), entry_->value().size()});
            ++entries_;
        }
        if (open && entry_->status().ok()) return;
        const std::string why = entry_->status().ToString();
        open = step_over(last);
        if (losses_.size() < losses_max) {
            const Buffer next = open && entry_->Valid() ? entry_->key().ToString() : Buffer{};
            losses_.push_back(fmt::format("documents between the keys {} and {}: {}",
                                          tree::to_hex(last),
                                          next.empty() ? "the end" : tree::to_hex(next), why));
        }
        if (!open) return;
    }
}

bool SalvageWalk::seek(Bytes key) {
    // A new one each time: an iterator that has failed may call the same block empty later.
    entry_.reset(database_.NewIterator(reading_options(BlockCaching::pass_by)));
    entry_->Seek({key.data(), key.size()});
    return entry_->status().ok();
}

bool SalvageWalk::step_over(const Buffer& last) {
    Buffer inside = last;
    inside.append(finer_bytes, '\0');
    std::size_t bit = 0;
    const std::size_t bits = inside.size() * 8;
    Buffer behind;
    for (;; ++bit) {
        if (bit == bits) return false;
        behind = advanced(inside, bit);
        if (behind.empty()) return false;
        if (seek(behind)) break;
    }
    // 2^bit further is behind the damage, half as far is not.
    if (bit > 0) inside = advanced(inside, bit - 1);
    while (bit-- > 1) {
        Buffer halfway = advanced(inside, bit - 1);
        if (seek(halfway)) {
            behind = std::move(halfway);
        } else {
            inside = std::move(halfway);
        }
    }
    return seek(behind);
}

}  // namespace amphora::rocks

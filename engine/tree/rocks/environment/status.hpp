#pragma once

#include <amphora/error.hpp>

#include <rocksdb/status.h>

#include <string_view>

/// Turns the status of every RocksDB call into an error.
namespace amphora::rocks {

[[nodiscard]] ErrorCode code_of(const rocksdb::Status& status) noexcept;

/// `doing` completes the sentence "failed while ..."; `where` names the tree.
[[noreturn]] void raise(const rocksdb::Status& status, std::string_view doing,
                        std::string_view where);

inline void throw_if_failed(const rocksdb::Status& status, std::string_view doing,
                            std::string_view where) {
    if (!status.ok()) [[unlikely]] {
        raise(status, doing, where);
    }
}

}  // namespace amphora::rocks

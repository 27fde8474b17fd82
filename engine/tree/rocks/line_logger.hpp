#pragma once

#include "base/log.hpp"

#include <rocksdb/env.h>

namespace amphora::rocks {

/// RocksDB's messages, from warnings up, to the application's log. Always in place, even where
/// nobody listens: RocksDB's own log file stops the whole process (an assertion of Debian's build)
/// once a write of it has failed, that is, on every full disk.
class LineLogger final : public rocksdb::Logger {
  public:
    explicit LineLogger(Log log)
        : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL), log_(std::move(log)) {}

    using rocksdb::Logger::Logv;
    void Logv(const char* format, va_list arguments) override;

  private:
    Log log_;
};

}  // namespace amphora::rocks

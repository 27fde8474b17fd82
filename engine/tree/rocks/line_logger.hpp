#pragma once

#include "base/log.hpp"

#include <rocksdb/env.h>

#include <string>

namespace amphora::rocks {

/// RocksDB's messages, from warnings up, to the application's log. Always in place, even where
/// nobody listens: RocksDB's own log file stops the whole process (an assertion of Debian's build)
/// once a write of it has failed, that is, on every full disk.
class LineLogger final : public rocksdb::Logger {
  public:
    LineLogger(Log log, std::string directory)
        : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL),
          log_(std::move(log)),
          directory_(std::move(directory)) {}

    using rocksdb::Logger::Logv;
    void Logv(const char* format, va_list arguments) override;

  private:
    Log log_;
    std::string directory_;
};

}  // namespace amphora::rocks

#pragma once

#include "base/log.hpp"

#include <rocksdb/env.h>

#include <string>

namespace amphora::rocks {

/// Passes RocksDB's messages, from warnings up, to the application's log. It is always set, even
/// without a log: otherwise RocksDB writes its own log file, and stops the whole process (an
/// assertion of Debian's build) once such a write has failed, that is, on every full disk.
class LineLogger final : public rocksdb::Logger {
  public:
    LineLogger(Log log, std::string directory)
        : rocksdb::Logger{rocksdb::InfoLogLevel::WARN_LEVEL},
          log_{std::move(log)},
          directory_{std::move(directory)} {}

    using rocksdb::Logger::Logv;
    void Logv(const char* format, va_list arguments) override;

  private:
    Log log_;
    std::string directory_;
};

}  // namespace amphora::rocks

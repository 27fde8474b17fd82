#include "tree/rocks/environment/line_logger.hpp"

#include "tree/rocks/environment/anchored_path.hpp"

#include <array>
#include <cstdio>

namespace amphora::rocks {

// Called by RocksDB on its own threads, through which no exception may pass.
void LineLogger::Logv(const char* format, va_list arguments) {
    if (!log_) return;
    std::array<char, 1024> line;  // NOLINT: filled below
    if (std::vsnprintf(line.data(), line.size(), format, arguments) < 0) return;
    try {
        log_("rocksdb: " + with_own_name(line.data(), directory_));
    } catch (...) {  // NOLINT: nobody can be told about a failing listener
    }
}

}  // namespace amphora::rocks

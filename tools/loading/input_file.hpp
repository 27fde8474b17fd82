#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace amphora::loading {

/// A file, or the standard input under the name "-", read from the beginning.
class InputFile {
  public:
    /// Throws `io_error` with the system's reason.
    explicit InputFile(const std::string& path);
    ~InputFile();
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;

    /// Puts up to `bytes` bytes at `to`; 0: the end.
    [[nodiscard]] std::size_t read(char* to, std::size_t bytes);
    /// The size of the file; 0 if it is unknown (a pipe).
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    [[nodiscard]] std::uint64_t bytes_read() const noexcept { return read_; }

  private:
    std::string path_;
    int descriptor_;
    std::uint64_t size_ = 0;
    std::uint64_t read_ = 0;
};

/// All of a file.
[[nodiscard]] std::string read_all(const std::string& path);

}  // namespace amphora::loading

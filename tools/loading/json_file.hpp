#pragma once

#include "loading/loader.hpp"

#include <amphora/document.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace amphora::loading {

/// The documents of a file, one after another: JSON Lines, or one array. Memory is bounded by one
/// document.
class JsonFile {
  public:
    /// Throws `io_error` if the file cannot be read.
    explicit JsonFile(const std::string& path);
    ~JsonFile();
    JsonFile(const JsonFile&) = delete;
    JsonFile& operator=(const JsonFile&) = delete;

    /// The next good document; bad ones on the way are noted in `rejections`. None: the end.
    [[nodiscard]] std::optional<Document> next();
    /// Where the last document began.
    [[nodiscard]] std::uint64_t line() const noexcept;
    [[nodiscard]] const std::vector<Rejection>& rejections() const noexcept;
    [[nodiscard]] std::uint64_t bytes() const noexcept;       ///< of the file
    [[nodiscard]] std::uint64_t bytes_read() const noexcept;  ///< so far

  private:
    class Reading;
    std::unique_ptr<Reading> reading_;
};

}  // namespace amphora::loading

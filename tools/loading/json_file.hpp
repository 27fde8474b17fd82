#pragma once

#include "loading/rejections.hpp"

#include <amphora/document.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace amphora::loading {

/// The documents of a file: one array, or one document after another (such as JSON Lines). Memory
/// is bounded by one document.
class JsonFile {
  public:
    /// Throws `io_error` if the file cannot be read. `rejections` must outlive this object.
    JsonFile(const std::string& path, Rejections& rejections, const JsonOptions& options = {});
    ~JsonFile();
    JsonFile(const JsonFile&) = delete;
    JsonFile& operator=(const JsonFile&) = delete;

    /// The next good document; bad ones before it are added to the rejections. None: the end.
    [[nodiscard]] std::optional<Document> next();
    /// The line on which the last document began.
    [[nodiscard]] std::uint64_t line() const noexcept;
    [[nodiscard]] std::uint64_t bytes() const noexcept;       ///< of the file
    [[nodiscard]] std::uint64_t bytes_read() const noexcept;  ///< so far

  private:
    class Reading;
    std::unique_ptr<Reading> reading_;
};

}  // namespace amphora::loading

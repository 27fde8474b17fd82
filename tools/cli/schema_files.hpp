#pragma once

#include <amphora/schema.hpp>

#include <span>
#include <string>
#include <vector>

namespace amphora::cli {

/// The schema texts that the words --schema FILE name.
class SchemaFiles {
  public:
    explicit SchemaFiles(const std::vector<std::string>& paths);
    SchemaFiles(const SchemaFiles&) = delete;
    SchemaFiles& operator=(const SchemaFiles&) = delete;

    [[nodiscard]] std::span<const Schema> all() const noexcept { return schemas_; }

  private:
    std::vector<std::string> names_;
    std::vector<std::string> texts_;
    std::vector<Schema> schemas_;
};

}  // namespace amphora::cli

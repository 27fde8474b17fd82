#pragma once

#include <amphora/reader.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace amphora::versus {

/// LMDB alone: the users' rows with the same bytes as in Amphora's relational tree, under keys of
/// the same bytes.
class RawMap {
  public:
    explicit RawMap(const std::string& directory);
    ~RawMap();
    RawMap(const RawMap&) = delete;
    RawMap& operator=(const RawMap&) = delete;

    void fill_from(const Snapshot& snapshot, std::uint64_t rows);
    void begin();  ///< a new read transaction
    [[nodiscard]] std::string_view find(std::int64_t key);

  private:
    class Map;
    std::unique_ptr<Map> map_;
};

}  // namespace amphora::versus

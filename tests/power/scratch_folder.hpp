#pragma once

#include <string>

namespace amphora::power {

/// A folder in memory, where files cost no disk, if there is such a place. Vanishes at the end,
/// unless it is to be kept.
class ScratchFolder {
  public:
    ScratchFolder();
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }
    void keep() { vanishes_ = false; }

  private:
    std::string path_;
    bool vanishes_ = true;
};

}  // namespace amphora::power

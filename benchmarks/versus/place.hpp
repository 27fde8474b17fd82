#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace amphora::versus {

/// A directory for one side of a comparison, on the disk of AMPHORA_BENCH_DIR or of the working
/// directory. It is removed with the object. It is never in a memory file system by accident, where
/// durable rates would mean nothing.
class Place {
  public:
    Place() {
        const char* named = std::getenv("AMPHORA_BENCH_DIR");
        path_ = std::string{named != nullptr ? named : "."} + "/versus-XXXXXX";
        if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error{"making " + path_};
    }
    ~Place() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    [[nodiscard]] std::string operator/(const std::string& name) const {
        return path_ + "/" + name;
    }

  private:
    std::string path_;
};

}  // namespace amphora::versus

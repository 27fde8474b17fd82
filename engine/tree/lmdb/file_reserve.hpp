#pragma once

#include "tree/living_views.hpp"
#include "tree/lmdb/environment.hpp"
#include "tree/tree.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>

/// Room for future commits, counted in pages: LMDB copies each page on the path to a key, so 2.3 MB
/// of rows can need 97 MB of file, and a full map refuses removals as well.
namespace amphora::lmdb {

class FileReserve {
  public:
    FileReserve(const std::shared_ptr<Environment>& environment, const tree::LivingViews& living,
                std::uint64_t reserve_bytes);

    /// Requests blocks after the end of the file from the file system, so that the next growth
    /// finds room on a disk that others have filled. The larger the file, the more blocks. Called
    /// by the writing thread, after each commit.
    void keep() noexcept;

    [[nodiscard]] tree::Tree::DiskNeed disk_need(tree::Tree::Load load) const;
    [[nodiscard]] tree::Tree::Room room_for(tree::Tree::Load load,
                                            std::uint64_t others_bytes) const;
    /// Pages in the file that a new commit may use.
    [[nodiscard]] std::uint64_t free_pages() const;

  private:
    struct Figures;
    [[nodiscard]] Figures figures() const;
    [[nodiscard]] static std::uint64_t reserve_missing(const Figures& now) noexcept;  ///< in pages

    Environment& environment_;
    const tree::LivingViews& living_;
    std::uint64_t reserve_bytes_;
    std::atomic<std::uint64_t> kept_until_{0};  ///< offset in the file
    std::atomic<bool> supported_{true};

    /// The free tree is walked once for each commit and oldest view.
    struct Counted {
        std::uint64_t commit = 0;
        std::uint64_t oldest_view = 0;
        std::uint64_t pages = 0;
    };
    mutable std::mutex mutex_;
    mutable Reading reading_;  ///< its own one, so that it works when all slots are taken
    mutable Counted counted_;
};

}  // namespace amphora::lmdb

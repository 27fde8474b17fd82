#pragma once

#include "tree/lmdb/data_page.hpp"
#include "tree/lmdb/foreign/branch_cache.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace amphora::lmdb {

/// The pages of one view: copied from the file, and parsed without trust. Used by several threads
/// at once.
///
/// Everything throws `corrupt`, with file and page, for what cannot be in a sound file, and
/// `snapshot_expired` if the view's validity has ended.
class ViewPages {
  public:
    /// `file` has the view's validity. `cache_bytes` bounds the branch pages that are kept.
    ViewPages(DataFile file, const Meta& meta, std::size_t cache_bytes)
        : file_{std::move(file)}, meta_{meta}, cache_{cache_bytes / meta.page_bytes} {}

    [[nodiscard]] const DataFile& file() const noexcept { return file_; }
    [[nodiscard]] const Meta& meta() const noexcept { return meta_; }
    [[nodiscard]] std::uint64_t cached_bytes() const noexcept {
        return cache_.pages() * meta_.page_bytes;
    }

    /// A page that is used until the next one is read into the same place.
    struct Place {
        const DataPage* page = nullptr;
        std::unique_ptr<const DataPage> own;  ///< none: it is kept for all
    };
    void read(std::uint64_t number, DataPage::Kind kind, Place& place) const;
    [[nodiscard]] DataPage::Node node(const DataPage& page, std::size_t index) const;
    /// The stored value of an entry that overflows.
    [[nodiscard]] Buffer read_overflow(const DataPage& page, const DataPage::Node& entry) const;

    [[noreturn]] void fail(std::uint64_t page, const std::string& what) const;

  private:
    DataFile file_;
    Meta meta_;
    mutable BranchCache cache_;
};

}  // namespace amphora::lmdb

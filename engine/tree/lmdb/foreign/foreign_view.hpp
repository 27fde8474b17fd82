#pragma once

#include "base/ids.hpp"
#include "tree/lmdb/file_check.hpp"
#include "tree/lmdb/foreign/view_pages.hpp"
#include "tree/lmdb/validity.hpp"
#include "tree/tree.hpp"

#include <cstdint>
#include <memory>

namespace amphora::lmdb {

/// The tree as one transaction of another process left it, read without LMDB. Its file stays open
/// as long as the view, even when another file has taken its name.
///
/// In addition to what `ReadView` says, every call throws `snapshot_expired` if it reads the file
/// after the validity has ended, and `corrupt` for a page that cannot be in a sound file. A damaged
/// page can still hide an entry from `find`, as in LMDB itself; `check` finds it.
class ForeignView final : public tree::ReadView, public std::enable_shared_from_this<ForeignView> {
  public:
    /// Reads the mark. Throws what `recognize` throws.
    ForeignView(std::shared_ptr<const OpenedFile> file, const Meta& meta,
                std::shared_ptr<const Validity> validity, const Identity& identity,
                std::size_t cache_bytes);

    [[nodiscard]] Mark mark() const override { return mark_; }
    [[nodiscard]] std::uint64_t version() const override { return pages_.meta().transaction; }
    [[nodiscard]] std::optional<Bytes> find(Bytes key, Buffer& scratch) const override;
    using tree::ReadView::cursor;
    [[nodiscard]] std::unique_ptr<tree::Cursor> cursor(Bytes lower, Bytes upper) const override;

    [[nodiscard]] const ViewPages& pages() const noexcept { return pages_; }
    /// Without the tree's own.
    [[nodiscard]] std::uint64_t entries() const noexcept { return entries_; }

  private:
    std::shared_ptr<const OpenedFile> file_;
    std::shared_ptr<const Validity> validity_;
    ViewPages pages_;
    Mark mark_;
    std::uint64_t entries_ = 0;
};

}  // namespace amphora::lmdb

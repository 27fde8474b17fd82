#include "tree/lmdb/foreign/foreign_view.hpp"

#include "tree/lmdb/entry_checksum.hpp"
#include "tree/lmdb/foreign/tree_path.hpp"
#include "tree/mark_record.hpp"

#include <algorithm>
#include <utility>

namespace amphora::lmdb {

namespace {

/// The value of the entry at `path`; in `room` if it is on overflow pages.
Bytes value_at(const TreePath& path, const ViewPages& pages, Buffer& room) {
    const DataPage::Node& entry = path.entry();
    if (!entry.overflows) return verified(entry.key, entry.value, pages.file().path());
    room = pages.read_overflow(path.leaf(), entry);
    return verified(entry.key, room, pages.file().path());
}

/// Stops only at entries that verify, and keeps its view alive.
class ForeignCursor final : public tree::Cursor {
  public:
    explicit ForeignCursor(std::shared_ptr<const ForeignView> view)
        : view_{std::move(view)}, path_{view_->pages()} {}

    /// A view shows everything in its pages, so nothing must be stepped over.
    void narrow_to(Bytes, Bytes) override { valid_ = false; }

    void seek(Bytes key) override {
        valid_ = false;
        take(path_.seek(std::max(key, tree::first_key)));
    }
    void seek_before(Bytes key) override {
        valid_ = false;
        if (key.empty()) return take(path_.seek_last());
        if (key > tree::first_key) take(path_.seek_before(key));
    }
    void next() override {
        if (std::exchange(valid_, false)) take(path_.next());
    }
    void previous() override {
        if (std::exchange(valid_, false)) take(path_.previous());
    }
    [[nodiscard]] bool valid() const override { return valid_; }
    [[nodiscard]] Bytes key() const override { return path_.entry().key; }
    [[nodiscard]] Bytes value() const override { return value_; }

  private:
    void take(bool found) {
        if (!found) return;
        value_ = value_at(path_, view_->pages(), overflow_);
        // The tree's own records end a walk. They are verified, too: a damaged key may look like
        // one of them.
        valid_ = !tree::is_reserved(key());
    }

    std::shared_ptr<const ForeignView> view_;
    TreePath path_;
    bool valid_ = false;
    Buffer overflow_;
    Bytes value_;
};

}  // namespace

ForeignView::ForeignView(std::shared_ptr<const OpenedFile> file, const Meta& meta,
                         std::shared_ptr<const Validity> validity, const Identity& identity,
                         std::size_t cache_bytes)
    : file_{std::move(file)},
      validity_{std::move(validity)},
      pages_{DataFile(file_->descriptor(), file_->data().path(), validity_.get()), meta,
             cache_bytes} {
    std::optional<Buffer> record;
    std::uint64_t own = 0;
    TreePath path(pages_);
    Buffer room;
    for (bool found = path.seek({}); found && tree::is_reserved(path.entry().key);
         found = path.next()) {
        ++own;
        const Bytes value = value_at(path, pages_, room);
        if (path.entry().key == tree::mark_key) record = Buffer(value);
    }
    mark_ = tree::recognize(record, identity, pages_.file().path());
    entries_ = meta.main.entries - std::min(own, meta.main.entries);
}

std::optional<Bytes> ForeignView::find(Bytes key, Buffer& scratch) const {
    if (tree::is_reserved(key)) return std::nullopt;  // also the empty key
    TreePath path(pages_);
    if (!path.find(key)) return std::nullopt;
    const Bytes value = value_at(path, pages_, scratch);
    if (path.entry().overflows) return value;
    scratch.assign(value);
    return scratch;
}

std::unique_ptr<tree::Cursor> ForeignView::cursor(Bytes /*lower*/, Bytes /*upper*/) const {
    return std::make_unique<ForeignCursor>(shared_from_this());
}

}  // namespace amphora::lmdb

#include "tree/lmdb/read_view.hpp"

#include "tree/lmdb/entry_checksum.hpp"
#include "tree/mark_record.hpp"

#include <algorithm>

namespace amphora::lmdb {

/// Stops only at entries that verify: it verifies at each move, because a damaged key matters as
/// much as a damaged value. Keeps its view alive.
class LmdbCursor final : public tree::Cursor {
  public:
    explicit LmdbCursor(std::shared_ptr<const LmdbReadView> view) : view_{std::move(view)} {
        const Reading& reading = view_->reading_;
        throw_if_failed(
            mdb_cursor_open(reading.handle(), reading.environment().database(), &cursor_),
            "opening a cursor", path());
    }
    ~LmdbCursor() override { mdb_cursor_close(cursor_); }
    LmdbCursor(const LmdbCursor&) = delete;
    LmdbCursor& operator=(const LmdbCursor&) = delete;

    /// A view shows everything in its pages, so nothing must be stepped over.
    void narrow_to(Bytes, Bytes) override { valid_ = false; }

    void seek(Bytes key) override { move_to_or_after(std::max(key, tree::first_key)); }

    void seek_before(Bytes key) override {
        if (key.empty()) return move(MDB_LAST);
        valid_ = false;
        if (key <= tree::first_key) return;
        MDB_val found_key = to_mdb(key);
        MDB_val found{};
        const int status = mdb_cursor_get(cursor_, &found_key, &found, MDB_SET_RANGE);
        if (status != MDB_NOTFOUND) throw_if_failed(status, "moving a cursor", path());
        move(status == MDB_NOTFOUND ? MDB_LAST : MDB_PREV);
    }

    void next() override {
        if (valid_) move(MDB_NEXT);
    }
    void previous() override {
        if (valid_) move(MDB_PREV);
    }
    [[nodiscard]] bool valid() const override { return valid_; }
    [[nodiscard]] Bytes key() const override { return key_; }
    [[nodiscard]] Bytes value() const override { return value_; }

  private:
    void move_to_or_after(Bytes key) {
        MDB_val found_key = to_mdb(key);
        MDB_val found{};
        take(mdb_cursor_get(cursor_, &found_key, &found, MDB_SET_RANGE), found_key, found);
    }
    void move(MDB_cursor_op how) {
        MDB_val found_key{};
        MDB_val found{};
        take(mdb_cursor_get(cursor_, &found_key, &found, how), found_key, found);
    }
    void take(int status, const MDB_val& found_key, const MDB_val& found) {
        valid_ = false;
        if (status == MDB_NOTFOUND) return;
        throw_if_failed(status, "moving a cursor", path());
        key_ = from_mdb(found_key);
        // The tree's own records end a walk. They are verified, too: a damaged key may look like
        // one of them.
        value_ = verified(key_, from_mdb(found), path());
        valid_ = !tree::is_reserved(key_);
    }
    [[nodiscard]] const std::string& path() const { return view_->reading_.environment().path(); }

    std::shared_ptr<const LmdbReadView> view_;
    MDB_cursor* cursor_ = nullptr;
    bool valid_ = false;
    Bytes key_;
    Bytes value_;
};

LmdbReadView::LmdbReadView(Reading reading, std::shared_ptr<tree::LivingViews> living,
                           const Mark& mark)
    : reading_{std::move(reading)},
      living_{std::move(living)},
      place_{living_->enter(reading_.number())},
      mark_{mark} {}

LmdbReadView::~LmdbReadView() {
    living_->leave(place_);
}

std::optional<Bytes> LmdbReadView::find(Bytes key, Buffer&) const {
    if (tree::is_reserved(key)) return std::nullopt;  // also the empty key
    const std::optional<Bytes> stored = reading_.find_stored(key);
    if (!stored) return std::nullopt;
    return verified(key, *stored, reading_.environment().path());
}

std::unique_ptr<tree::Cursor> LmdbReadView::cursor(Bytes /*lower*/, Bytes /*upper*/) const {
    reading_.environment().check_process();
    return std::make_unique<LmdbCursor>(shared_from_this());
}

}  // namespace amphora::lmdb

#pragma once

#include "base/filesystem_kind.hpp"
#include "base/ids.hpp"
#include "tree/lmdb/foreign/foreign_view.hpp"
#include "tree/lmdb/validity.hpp"
#include "tree/tree.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

/// The relational tree, read while another process writes it.
///
/// LMDB is not used: neither its lock file nor a memory map. Pages are copied with `pread` and
/// parsed without trust. So the writer is never disturbed and no signal is possible, whatever
/// happens to the file. A page is used only if the view was still valid after it was copied.
namespace amphora::lmdb {

struct ForeignOptions {
    /// Memory of each view for the branch pages that its readers share. It is used as they are read.
    std::size_t cache_bytes = 1u << 20;
    OnNetwork on_network = OnNetwork::refuse;
};

/// Returns for how long the view with LMDB's transaction number `version` is valid; never null.
/// Throws if nobody keeps the pages of that view.
using ValidityOf = std::function<std::shared_ptr<const Validity>(std::uint64_t version)>;

/// Any number of them may be open at once, also next to an owner's tree in the same process. Shows
/// one view until the next `show`. It is read-only: `apply`, `hold`, `compact` and
/// `require_acceptable` throw `read_only`. Any thread may call everything.
class ForeignTree final : public tree::Tree {
  public:
    ForeignTree(std::shared_ptr<const OpenedFile> file, const Identity& identity,
                const ForeignOptions& options)
        : file_{std::move(file)}, identity_{identity}, options_{options} {}

    /// The newest view in the file: reads the first two pages, and then, if `validity_of` returns,
    /// the mark. Throws `foreign_piece` for a tree of another database or timeline, `not_a_database`
    /// if there is none yet, `corrupt`, `newer_format`, `snapshot_expired`, `io_error`, `timeout` if
    /// commits follow each other faster than the two pages can be read, and what `validity_of`
    /// throws.
    [[nodiscard]] std::shared_ptr<const ForeignView> take(const ValidityOf& validity_of) const;
    /// From now on `view()` and everything else is of this view. Views that were given out before
    /// are not changed.
    void show(std::shared_ptr<const ForeignView> view);

    /// Whether the directory has another file now (after a compaction or a restore), or none. This
    /// tree still reads the old one: open another tree.
    [[nodiscard]] bool is_replaced() const;

    /// Everything below needs a view that is shown.
    [[nodiscard]] std::shared_ptr<const tree::ReadView> view() override { return shown(); }
    [[nodiscard]] Mark delivered() const override { return shown()->mark(); }
    /// The same: LMDB shows a commit while its last page is being synced.
    [[nodiscard]] Mark held() const override { return delivered(); }
    /// Throws `snapshot_expired`. Readers are not counted.
    [[nodiscard]] tree::TreeStatistics statistics() const override;
    /// Throws `snapshot_expired` if the validity ends meanwhile. What was reported until then is
    /// true.
    void check(Findings& findings) override;
    /// Throws `snapshot_expired`, too.
    void copy_to(const std::string& directory, const Copied& copied) override;

    void apply(std::span<const tree::Change> changes, const Mark& mark) override;
    void hold() override;
    void require_acceptable(Bytes key, std::size_t value_bytes) const override;
    [[nodiscard]] DiskNeed disk_need(Load) const override { return {}; }
    [[nodiscard]] Room room_for(Load, std::uint64_t) const override { return Room::none; }
    void reclaim() noexcept override {}
    void compact() override;

  private:
    [[nodiscard]] std::shared_ptr<const ForeignView> shown() const;
    [[noreturn]] void refuse() const;

    std::shared_ptr<const OpenedFile> file_;
    Identity identity_;
    ForeignOptions options_;
    mutable std::mutex mutex_;
    std::shared_ptr<const ForeignView> shown_;
};

/// Opens the file in `directory`; shows nothing yet. Throws `not_a_database` if there is no file,
/// `unsupported_filesystem`, `io_error`.
[[nodiscard]] std::unique_ptr<ForeignTree> open_foreign(const std::string& directory,
                                                        const Identity& identity,
                                                        const ForeignOptions& options = {});

}  // namespace amphora::lmdb

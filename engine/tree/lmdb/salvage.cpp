#include "tree/lmdb/salvage.hpp"

#include "tree/lmdb/data_page.hpp"
#include "tree/lmdb/entry_checksum.hpp"
#include "tree/lmdb/file_check.hpp"
#include "tree/lmdb/structure_walk.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace amphora::lmdb {

namespace {

constexpr std::size_t notes_max = 100;

bool is_digest(Bytes key) {
    return key.starts_with(digest_key_prefix) && key.size() == digest_key_prefix.size() + 4;
}

class Salvage {
  public:
    Salvage(const DataFile& file, const Meta& meta, const SalvageVisitor& visitor)
        : file_{file},
          meta_{meta},
          visitor_{visitor},
          pages_{std::min(meta.last_page + 1, file.size() / meta.page_bytes + 1)},
          reached_{std::vector<bool>(pages_)} {}

    Salvaged run() {
        if (meta_.main.root != TreeRoot::none) walk(meta_.main.root, meta_.main.depth);
        if (salvaged_.pages_lost != 0) search_lost_pages();
        return std::move(salvaged_);
    }

  private:
    void walk(std::uint64_t number, unsigned depth) {
        // A page that is named twice is read once, so that a circular tree ends.
        if (depth == 0 || number < 2 || number >= pages_ || reached_[number]) {
            return lose(number, "is named as a page of the tree and cannot be one");
        }
        std::string problem;
        const std::optional<DataPage> page = DataPage::read(file_, meta_, number, problem);
        if (!page) return lose(number, problem);
        if ((page->kind() == DataPage::Kind::leaf) != (depth == 1)) {
            return lose(number, "is not of the kind that belongs there");
        }
        reached_[number] = true;
        each_node(*page, [&](const DataPage::Node& node) {
            if (depth == 1) {
                take(node);
            } else {
                walk(node.child, depth - 1);
            }
        });
    }

    void search_lost_pages() {
        const auto free = StructureWalk::free_pages(file_, meta_);
        if (!free) {
            tell(
                "the list of free pages cannot be read: pages outside of the tree are ignored, "
                "because they may be old");
            return;
        }
        walked_ = true;
        // First by the number that a page contains, wherever it is: a page in the wrong place is
        // still itself. Then by its place, because a damaged number means nothing.
        for (const bool by_number : {true, false}) {
            for (std::uint64_t place = 2; place < pages_; ++place) {
                std::string problem;
                const auto page =
                    DataPage::read(file_, meta_, place, problem, DataPage::NumberCheck::any);
                if (!page || page->kind() != DataPage::Kind::leaf) continue;
                const std::uint64_t number = by_number ? page->borne_number() : place;
                if (number < 2 || number >= pages_ || reached_[number] || (*free)[number]) continue;
                reached_[number] = true;
                ++salvaged_.pages_found;
                each_node(*page, [&](const DataPage::Node& node) { take(node); });
            }
        }
    }

    template <class Visit>
    void each_node(const DataPage& page, Visit visit) {
        std::string problem;
        for (std::size_t i = 0; i < page.entries(); ++i) {
            if (const auto node = page.node(i, problem)) {
                visit(*node);
            } else {
                lose(page.number(), problem);
            }
        }
    }

    void take(const DataPage::Node& node) {
        if (!node.overflows) return take(node.key, node.value);
        std::string problem;
        const auto first = number_at<std::uint64_t>(node.value, 0);
        const bool possible =
            first >= 2 && first < pages_ && node.value_bytes <= (pages_ - first) * meta_.page_bytes;
        const auto value =
            possible ? DataPage::read_overflow(file_, meta_, first, node.value_bytes, problem)
                     : std::nullopt;
        if (value) {
            take(node.key, *value);
        } else {
            visitor_.damaged(node.key, {});
        }
    }
    void take(Bytes key, Bytes stored) {
        if (!entry_verifies(key, stored)) {
            if (key != tree::mark_key && !is_digest(key)) visitor_.damaged(key, stored);
        } else if (!tree::is_reserved(key)) {
            ++salvaged_.entries;
            (walked_ ? visitor_.stray : visitor_.entry)(key, without_checksum(stored));
        } else if (key == tree::mark_key && !salvaged_.mark) {
            salvaged_.mark = tree::decode_mark_record(without_checksum(stored), file_.path());
        } else if (is_digest(key)) {
            // The tree comes before pages that are found outside of it.
            salvaged_.digests.try_emplace(space_of(key.substr(digest_key_prefix.size())),
                                          decode_space_digest(without_checksum(stored)));
        }
    }

    void lose(std::uint64_t page, const std::string& what) {
        ++salvaged_.pages_lost;
        tell(fmt::format("page {} {}", page, what));
    }
    void tell(const std::string& what) {
        if (salvaged_.notes.size() < notes_max) {
            salvaged_.notes.push_back(fmt::format("{}: {}", file_.path(), what));
        }
    }

    const DataFile& file_;
    const Meta& meta_;
    const SalvageVisitor& visitor_;
    std::uint64_t pages_;
    std::vector<bool> reached_;
    bool walked_ = false;  ///< whether the tree itself has been walked
    Salvaged salvaged_;
};

}  // namespace

SpaceDigests count_spaces(const tree::ReadView& view) {
    SpaceDigests counted;
    const auto cursor = view.cursor();
    for (cursor->seek({}); cursor->valid(); cursor->next()) {
        counted[space_of(cursor->key())].add(cursor->key(),
                                             entry_checksum(cursor->key(), cursor->value()));
    }
    return counted;
}

Salvaged salvage(const std::string& directory, const SalvageVisitor& visitor) {
    const OpenedFile opened{data_path(directory)};
    const DataFile& file = opened.data();
    // The tree of the older root is complete, too: its pages are not reused before the root is
    // replaced.
    const std::optional<Meta> meta = file.newest_meta();
    if (!meta) {
        throw Error{ErrorCode::corrupt,
                    fmt::format("{}: the first two pages are damaged: nothing says where the tree "
                                "begins",
                                file.path())};
    }
    return Salvage{file, *meta, visitor}.run();
}

}  // namespace amphora::lmdb

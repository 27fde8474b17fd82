#include "tree/lmdb/structure_walk.hpp"

#include "tree/lmdb/entry_checksum.hpp"
#include "tree/mark_record.hpp"

#include <cstring>

#include <fmt/format.h>

namespace amphora::lmdb {

namespace {

constexpr std::uint64_t findings_max = 100;

class NoFindings final : public tree::Tree::Findings {
  public:
    void report(std::string) override { any = true; }
    bool any = false;
};

}  // namespace

StructureWalk::StructureWalk(const DataFile& file, const Meta& meta, tree::Tree::Findings& findings)
    : file_{file},
      meta_{meta},
      findings_{findings},
      used_{std::vector<bool>(meta.last_page + 1)},
      free_{std::vector<bool>(meta.last_page + 1)} {}

void StructureWalk::run() {
    used_[0] = used_[1] = true;
    walk_tree(Which::free, meta_.free);
    walk_tree(Which::main, meta_.main);
    compare_digests();
    find_lost_pages();
    if (reported_ > findings_max) {
        findings_.report(fmt::format("{}: and {} more", file_.path(), reported_ - findings_max));
    }
}

std::optional<std::vector<bool>> StructureWalk::free_pages(const DataFile& file, const Meta& meta) {
    // Tested before memory for that many pages is allocated.
    if (meta.last_page >= file.size() / meta.page_bytes + missing_pages_max) return std::nullopt;
    NoFindings findings;
    StructureWalk walk(file, meta, findings);
    walk.walk_tree(Which::free, meta.free);
    if (findings.any) return std::nullopt;
    return std::move(walk.free_);
}

void StructureWalk::walk_tree(Which which, const TreeRoot& root) {
    tally_ = {};
    last_key_.reset();
    lower_.clear();
    upper_.clear();
    depth_ = root.depth;
    if (root.root != TreeRoot::none) walk_page(which, root.root, 1);
    compare(which == Which::free ? "free tree" : "main tree", root);
}

void StructureWalk::walk_page(Which which, std::uint64_t number, unsigned depth) {
    if (!claim(number, 1, "a page of a tree")) return;
    std::string problem;
    const std::optional<DataPage> page = DataPage::read(file_, meta_, number, problem);
    if (!page) {
        report(number, problem);
        return;
    }
    const bool branch = depth < depth_;
    if (page->kind() != (branch ? DataPage::Kind::branch : DataPage::Kind::leaf)) {
        report(number,
               fmt::format("is no {}, {} below the root", branch ? "branch" : "leaf", depth - 1));
        return;
    }
    if (page->entries() == 0) report(number, "is a page without entries");
    if (branch) {
        ++tally_.branch_pages;
        walk_branch(which, *page, depth);
    } else {
        ++tally_.leaf_pages;
        walk_leaf(which, *page);
    }
}

/// The first key of a branch is never used. From the second on they separate children: everything
/// on the left is smaller, and nothing on the right is. A key on the wrong side is never found.
void StructureWalk::walk_branch(Which which, const DataPage& page, unsigned depth) {
    const Buffer lower_here = lower_;
    const Buffer upper_here = upper_;
    for (std::size_t i = 0; i < page.entries(); ++i) {
        const std::optional<DataPage::Node> node = node_of(page, i);
        if (!node) return;
        lower_ = i == 0 ? lower_here : Buffer(node->key);
        upper_ = upper_here;
        if (i + 1 < page.entries()) {
            const std::optional<DataPage::Node> right = node_of(page, i + 1);
            if (!right) return;
            upper_ = Buffer(right->key);
        }
        walk_page(which, node->child, depth + 1);
    }
    lower_ = lower_here;
    upper_ = upper_here;
}

void StructureWalk::walk_leaf(Which which, const DataPage& page) {
    for (std::size_t i = 0; i < page.entries(); ++i) {
        const std::optional<DataPage::Node> node = node_of(page, i);
        if (!node) return;
        ++tally_.entries;
        check_order(which, page, node->key);
        if (!node->overflows) {
            take_entry(which, page, node->key, node->value);
            continue;
        }
        const auto first = number_at<std::uint64_t>(node->value, 0);
        const std::uint64_t pages = DataPage::overflow_pages(meta_, node->value_bytes);
        if (!claim(first, pages, "an overflow page")) continue;
        tally_.overflow_pages += pages;
        std::string problem;
        const std::optional<Buffer> value =
            DataPage::read_overflow(file_, meta_, first, node->value_bytes, problem);
        if (value) {
            take_entry(which, page, node->key, *value);
        } else {
            report(first, problem);
        }
    }
}

void StructureWalk::check_order(Which which, const DataPage& page, Bytes key) {
    if (which == Which::free) {
        if (key.size() != 8) report(page.number(), "has a key in the free tree that is no number");
        return;  // ordered as numbers, and short: the pages in it are checked one by one
    }
    if (last_key_ && !(Bytes(*last_key_) < key)) {
        report(page.number(), fmt::format("has key {}, which does not come after {}",
                                          tree::to_hex(key), tree::to_hex(*last_key_)));
    }
    if (key < Bytes(lower_) || (!upper_.empty() && !(key < Bytes(upper_)))) {
        report(page.number(),
               fmt::format("has key {}, which is outside of its separators {} and {}",
                           tree::to_hex(key), tree::to_hex(lower_), tree::to_hex(upper_)));
    }
    last_key_ = Buffer(key);
}

void StructureWalk::take_entry(Which which, const DataPage& page, Bytes key, Bytes stored) {
    if (which == Which::free) {
        take_free_list(page, key, stored);
    } else {
        take_main_entry(page, key, stored);
    }
}

void StructureWalk::take_free_list(const DataPage& page, Bytes key, Bytes list) {
    if (key.size() != 8) return;
    const auto transaction = number_at<std::uint64_t>(key, 0);
    if (list.size() < 8 || list.size() / 8 - 1 < number_at<std::uint64_t>(list, 0)) {
        report(page.number(),
               fmt::format("the free list of transaction {} is cut short", transaction));
        return;
    }
    const auto count = number_at<std::uint64_t>(list, 0);
    for (std::uint64_t i = 1; i <= count; ++i) {
        const auto number = number_at<std::uint64_t>(list, i * 8);
        if (number < 2 || number > meta_.last_page || free_[number]) {
            report(page.number(),
                   fmt::format("the free list of transaction {} names page {}, which {}",
                               transaction, number,
                               number >= 2 && number <= meta_.last_page ? "is named twice"
                                                                        : "does not exist"));
            continue;
        }
        free_[number] = true;
    }
}

void StructureWalk::take_main_entry(const DataPage& page, Bytes key, Bytes stored) {
    if (!entry_verifies(key, stored)) {
        report(page.number(),
               fmt::format("the checksum of the entry {} does not match", tree::to_hex(key)));
        return;
    }
    if (!tree::is_reserved(key)) {
        counted_[space_of(key)].add(key, stored_checksum(stored));
    } else if (key.starts_with(digest_key_prefix) && key.size() == digest_key_prefix.size() + 4) {
        stored_[space_of(key.substr(digest_key_prefix.size()))] =
            decode_space_digest(without_checksum(stored));
    }
}

std::optional<DataPage::Node> StructureWalk::node_of(const DataPage& page, std::size_t index) {
    std::string problem;
    std::optional<DataPage::Node> node = page.node(index, problem);
    if (!node) report(page.number(), problem);
    return node;
}

bool StructureWalk::claim(std::uint64_t number, std::uint64_t count, const char* what) {
    if (number < 2 || number > meta_.last_page || count > meta_.last_page - number + 1) {
        report(fmt::format("page {}, named as {}, does not exist", number, what));
        return false;
    }
    for (std::uint64_t page = number; page < number + count; ++page) {
        if (used_[page] || free_[page]) {
            report(page, fmt::format("is used as {} and {}", what,
                                     used_[page] ? "in another place too" : "free at once"));
            return false;
        }
    }
    for (std::uint64_t page = number; page < number + count; ++page) used_[page] = true;
    return true;
}

void StructureWalk::compare(const char* tree, const TreeRoot& root) {
    const auto compare_one = [&](const char* what, std::uint64_t counted, std::uint64_t claimed) {
        if (counted == claimed) return;
        report(fmt::format("the {} has {} {}, its root says {}", tree, counted, what, claimed));
    };
    compare_one("branch pages", tally_.branch_pages, root.branch_pages);
    compare_one("leaf pages", tally_.leaf_pages, root.leaf_pages);
    compare_one("overflow pages", tally_.overflow_pages, root.overflow_pages);
    compare_one("entries", tally_.entries, root.entries);
}

void StructureWalk::compare_digests() {
    for (const auto& [space, digest] : stored_) counted_.try_emplace(space);
    for (const auto& [space, counted] : counted_) {
        const auto found = stored_.find(space);
        const SpaceDigest stored = found == stored_.end() ? SpaceDigest{} : found->second;
        if (counted == stored) continue;
        report(fmt::format("space {} holds {} entries (hash {:016x}), its digest says {} ({:016x})",
                           space, counted.entries, counted.sum, stored.entries, stored.sum));
    }
}

void StructureWalk::find_lost_pages() {
    std::uint64_t lost = 0;
    std::uint64_t first = 0;
    for (std::uint64_t page = 2; page <= meta_.last_page; ++page) {
        if (used_[page] && free_[page]) report(page, "is used and free at once");
        if (used_[page] || free_[page]) continue;
        if (lost++ == 0) first = page;
    }
    if (lost != 0) {
        report(
            fmt::format("{} pages, the first of them {}, are neither used nor free", lost, first));
    }
}

void StructureWalk::report(std::uint64_t page, const std::string& what) {
    report(fmt::format("page {} (offset {}) {}", page, page * meta_.page_bytes, what));
}

void StructureWalk::report(const std::string& what) {
    if (++reported_ <= findings_max) {
        findings_.report(fmt::format("{}: {}", file_.path(), what));
    }
}

}  // namespace amphora::lmdb

#include "database/rescue/salvaged_trees.hpp"

#include "codec/key/ordered_key.hpp"
#include "database/rescue/tree_filler.hpp"
#include "journal/recovery/opening.hpp"
#include "outbox/record.hpp"
#include "tree/lmdb/entry_checksum.hpp"
#include "tree/lmdb/salvage.hpp"
#include "tree/rocks/salvage/salvage.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>

namespace amphora {

namespace {

/// One tree that is copied from the damaged directory into the new one.
struct Half {
    TreeId id;
    TreeFiller filler;
    bool empty = true;                     ///< nothing could be read
    std::optional<tree::MarkRecord> mark;  ///< of the damaged one
    std::map<Buffer, SalvagedTrees::Unsound> unsound = {};
};

/// The original key, if one changed bit of it explains why the checksum does not match.
std::optional<Buffer> original_key(Bytes key, Bytes stored) {
    if (stored.size() < lmdb::entry_checksum_bytes) return std::nullopt;
    Buffer other{key};
    for (std::size_t bit = 0; bit < other.size() * 8; ++bit) {
        const auto flip = [&] {
            other[bit / 8] = static_cast<char>(other[bit / 8] ^ 1 << bit % 8);
        };
        flip();
        if (lmdb::entry_verifies(other, stored)) return other;
        flip();
    }
    return std::nullopt;
}

class TreeSalvage {
  public:
    TreeSalvage(const DatabasePaths& from, const DatabasePaths& to,
                const journal::SalvagedJournal& journal, const Identity& before,
                const Identity& after, const ResolvedOptions& options)
        : from_{from},
          to_{to},
          journal_{journal},
          before_{before},
          options_{options},
          relational_{TreeId::relational,
                      TreeFiller{lmdb::open_lmdb(to.relational, after, tree::OpenMode::create,
                                                 options.lmdb)},
                      true, std::nullopt},
          documents_{TreeId::documents,
                     TreeFiller{rocks::open_rocks(to.documents, after, tree::OpenMode::create,
                                                  options.rocks)},
                     true, std::nullopt} {}

    SalvagedTrees run() {
        attempt(relational_, [&] { return read_relational(); });
        attempt(documents_, [&] { return read_documents(); });
        end_ = std::max({sequence_of(relational_), sequence_of(documents_), journal_.last_known()});
        for (Half* const half : {&relational_, &documents_}) replay(*half);
        for (Half* const half : {&relational_, &documents_}) keep_unsound(*half);
        for (const std::string& doubt : journal_.doubts_about_end(options_.journal.files)) {
            lose(fmt::format("{}; commits after {}, if there were any, are lost", doubt,
                             number(end_)));
        }
        put_catalog();
        Epoch epoch = journal_.epoch_highest();
        for (const Half* const half : {&relational_, &documents_}) {
            if (half->mark) epoch = std::max(epoch, half->mark->mark.epoch);
        }
        salvaged_.last = {.epoch = epoch, .sequence = end_, .chain = journal::random_bits()};
        if (end_ == Sequence{}) salvaged_.last = {};
        salvaged_.relational = sequence_of(relational_);
        relational_.filler.finish(salvaged_.last);
        documents_.filler.finish(salvaged_.last);
        return std::move(salvaged_);
    }

  private:
    static Sequence sequence_of(const Half& half) {
        return half.mark ? half.mark->mark.sequence : Sequence{};
    }
    void lose(std::string what) { salvaged_.losses.push_back(std::move(what)); }
    void note(std::string what) { salvaged_.notes.push_back(std::move(what)); }
    void note(const std::vector<std::string>& notes) {
        salvaged_.notes.insert(salvaged_.notes.end(), notes.begin(), notes.end());
    }

    template <class Read>
    void attempt(Half& half, Read read) {
        try {
            half.mark = read();
        } catch (const Error& error) {
            if (error.code() != ErrorCode::corrupt && error.code() != ErrorCode::io_error) throw;
            const std::string what = fmt::format("{} store: {}", to_string(half.id), error.what());
            // Of one of which nothing was read, the commits that are not in the journal are told.
            half.empty ? note(what) : lose(what);
        }
        if (half.mark && half.mark->identity.database != before_.database) {
            throw Error{ErrorCode::foreign_piece,
                        fmt::format("the {} store belongs to database {}, not to {}; put back the "
                                    "one that belongs here",
                                    to_string(half.id), to_string(half.mark->identity.database),
                                    to_string(before_.database))};
        }
    }

    std::optional<tree::MarkRecord> read_relational() {
        lmdb::SalvageVisitor visitor;
        visitor.entry = [&](Bytes key, Bytes value) {
            relational_.empty = false;
            if (SalvagedCatalog::owns(key)) return catalog_.put(key, value);
            relational_.filler.put(key, value);
        };
        visitor.stray = [&](Bytes key, Bytes value) {
            relational_.empty = false;
            if (SalvagedCatalog::owns(key)) return catalog_.put_if_absent(key, value);
            relational_.filler.put_if_absent(key, value);
        };
        visitor.damaged = [&](Bytes key, Bytes stored) {
            relational_.empty = false;
            add_damaged(key, stored);
        };
        const lmdb::Salvaged found = lmdb::salvage(from_.relational, visitor);
        digests_ = found.digests;
        pages_lost_ = found.pages_lost;
        note(found.notes);
        if (found.pages_found != 0) {
            note(fmt::format("relational store: {} pages were found outside the tree",
                             found.pages_found));
        }
        return found.mark;
    }
    void add_damaged(Bytes key, Bytes stored) {
        SalvagedTrees::Unsound entry{.store = TreeId::relational,
                                     .key = Buffer{key},
                                     .stored = Buffer{stored},
                                     .why = "the checksum of the row does not match"};
        if (auto original = original_key(key, stored)) {
            entry.why = fmt::format("a bit of its key has changed: it was stored under {}",
                                    codec::describe_key(key));
            entry.key = std::move(*original);
        }
        if (SalvagedCatalog::owns(entry.key)) return catalog_.add_damaged(entry.key, stored);
        // Only for the tree's own entries, which are written again.
        if (tree::is_reserved(entry.key)) return;
        relational_.unsound.insert_or_assign(entry.key, entry);
    }

    std::optional<tree::MarkRecord> read_documents() {
        const std::string scratch = to_.documents + ".salvage";
        rocks::SalvageVisitor visitor;
        visitor.entry = [&](Bytes key, Bytes value) {
            documents_.empty = false;
            documents_.filler.put(key, value);
        };
        visitor.doubtful = [&](Bytes key, Bytes value) {
            documents_.empty = false;
            documents_.unsound.insert_or_assign(
                Buffer{key},
                SalvagedTrees::Unsound{.store = TreeId::documents,
                                       .key = Buffer{key},
                                       .stored = Buffer{value},
                                       .why = "perhaps an older version: a block that may have "
                                              "held a newer one cannot be read"});
        };
        rocks::Salvaged found = rocks::salvage(from_.documents, scratch, options_.rocks, visitor);
        std::error_code ignored;
        std::filesystem::remove_all(scratch, ignored);
        note(found.notes);
        gaps_ = std::move(found.gaps);
        if (found.list_made_again) {
            lose(
                "documents store: the list of table files was made again from the files; removed "
                "documents of earlier times may be among them");
        }
        return found.mark;
    }

    void replay(Half& half) {
        const Sequence first = first_to_replay(half);
        const Sequence held = sequence_of(half);
        const bool has_everything =
            first == Sequence{1} && (!half.empty || journal_.first() == Sequence{1});
        bool is_compared = has_everything;
        const auto compare_at_mark = [&](Sequence sequence) {
            if (is_compared || sequence <= held) return;
            is_compared = true;
            if (half.id == TreeId::relational) compare_with_digests();
        };
        journal_.replay(first, [&](const journal::Entry& entry) {
            compare_at_mark(entry.sequence);
            const outbox::Record record{entry.record, entry.sequence};
            record.each_change(half.id, [&](const outbox::Record::Change& change) {
                replay(half, change, entry.sequence > held);
            });
            if (half.id == TreeId::relational) ++salvaged_.commits_replayed;
        });
        compare_at_mark(Sequence{UINT64_MAX});
        if (!has_everything && half.id == TreeId::documents) salvaged_.gaps = std::move(gaps_);
        tell_gap(half);
    }
    void replay(Half& half, const outbox::Record::Change& change, bool is_later) {
        half.unsound.erase(Buffer{change.key});
        if (half.id == TreeId::relational && SalvagedCatalog::owns(change.key)) {
            if (change.value) {
                catalog_.put(change.key, *change.value);
            } else {
                catalog_.erase(change.key);
            }
            return;
        }
        if (is_later && half.id == TreeId::relational && !salvaged_.differences.empty()) {
            const auto found = salvaged_.differences.find(SpaceId{lmdb::space_of(change.key)});
            if (found != salvaged_.differences.end()) found->second.changed_later = true;
        }
        if (change.value) {
            half.filler.put(change.key, *change.value);
        } else {
            half.filler.erase(change.key);
        }
    }

    /// As of the mark, because the digests are of that commit.
    void compare_with_digests() {
        if (!relational_.mark) {
            salvaged_.pages_unexplained = pages_lost_;
            return;
        }
        lmdb::SpaceDigests counted = lmdb::count_spaces(*relational_.filler.view());
        std::map<std::uint32_t, std::uint64_t> unsound;
        for (const auto& [key, entry] : relational_.unsound) ++unsound[lmdb::space_of(key)];
        for (const auto& [space, digest] : digests_) counted.try_emplace(space);
        for (const auto& [space, found] : counted) {
            const auto had = digests_.find(space);
            if (SpaceId{space} == space_catalog) {
                if (had != digests_.end()) catalog_.expect(had->second.entries);
                continue;
            }
            if (had != digests_.end() && found == had->second) continue;
            salvaged_.differences[SpaceId{space}] = {
                .had = had == digests_.end() ? 0 : had->second.entries,
                .found = found.entries,
                .unsound = unsound[space],
                .is_known = had != digests_.end()};
        }
    }

    /// See SalvagedTrees.
    Sequence first_to_replay(const Half& half) const {
        if (half.empty) return Sequence{1};
        return journal_.begin_of_run(half.mark ? half.mark->mark.sequence : end_);
    }

    void tell_gap(const Half& half) {
        // A segment is reused only when both stores hold it. So a store without its mark holds at
        // least the commits that the journal has recycled.
        const Sequence oldest = journal_.first();
        const bool lacks_mark = !half.mark && !half.empty;
        if (lacks_mark && oldest == Sequence{}) {
            return lose(fmt::format(
                "{} store: the commit that it had reached cannot be read, and the journal holds "
                "none; commits up to {} may be missing",
                to_string(half.id), number(end_)));
        }
        const Sequence held = lacks_mark ? Sequence{number(oldest) - 1} : sequence_of(half);
        for (const std::string& gap : journal_.gaps(held)) {
            lose(fmt::format("{} store: {}", to_string(half.id), gap));
        }
        const Sequence reached = std::max(held, journal_.last());
        if (reached < end_) {
            lose(
                fmt::format("{} store: commits {} to {} are lost: the store ends before them, and "
                            "the journal does not hold them any more",
                            to_string(half.id), number(reached) + 1, number(end_)));
        }
    }

    /// If the key is in the tree, that version can be trusted.
    void keep_unsound(Half& half) {
        for (auto& [key, entry] : half.unsound) {
            if (!half.filler.contains(key)) salvaged_.unsound.push_back(std::move(entry));
        }
    }

    void put_catalog() {
        SalvagedCatalog::Sound sound = catalog_.sound();
        for (const auto& [key, value] : sound.entries) relational_.filler.put(key, value);
        salvaged_.definitions = std::move(sound.lost);
    }

    const DatabasePaths& from_;
    const DatabasePaths& to_;
    const journal::SalvagedJournal& journal_;
    const Identity& before_;
    const ResolvedOptions& options_;
    Half relational_;
    Half documents_;
    SalvagedCatalog catalog_;
    lmdb::SpaceDigests digests_;
    std::uint64_t pages_lost_ = 0;
    std::vector<rocks::Gap> gaps_;
    Sequence end_{};
    SalvagedTrees salvaged_;
};

}  // namespace

SalvagedTrees salvage_trees(const DatabasePaths& from, const DatabasePaths& to,
                            const journal::SalvagedJournal& journal, const Identity& before,
                            const Identity& after, const ResolvedOptions& options) {
    return TreeSalvage{from, to, journal, before, after, options}.run();
}

}  // namespace amphora

#include "database/salvaged_trees.hpp"

#include "journal/opening.hpp"
#include "outbox/record.hpp"
#include "tree/lmdb/salvage.hpp"
#include "tree/rocks/salvage.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>

namespace amphora {

namespace {

constexpr std::size_t batch_bytes_max = 8u << 20;

/// Fills a new tree, in sorted batches that all carry the mark of nothing until the last one: a
/// repair that is cut short leaves a tree that nobody takes for a whole one.
class TreeFiller {
  public:
    explicit TreeFiller(std::unique_ptr<tree::Tree> tree) : tree_{std::move(tree)} {}

    void put(Bytes key, Bytes value) { change(key, Buffer{value}); }
    void erase(Bytes key) { change(key, std::nullopt); }
    void put_if_absent(Bytes key, Bytes value) {
        if (changes_.contains(Buffer{key})) return;
        Buffer scratch;
        if (!tree_->view()->find(key, scratch)) put(key, value);
    }
    void finish(const Mark& mark) {
        write(mark);
        tree_->hold();
    }

  private:
    void change(Bytes key, std::optional<Buffer> value) {
        bytes_ += key.size() + (value ? value->size() : 0) + 64;
        changes_.insert_or_assign(Buffer{key}, std::move(value));
        if (bytes_ >= batch_bytes_max) write({});
    }
    void write(const Mark& mark) {
        std::vector<tree::Change> sorted;
        sorted.reserve(changes_.size());
        for (const auto& [key, value] : changes_) {
            sorted.push_back({key, value ? std::optional<Bytes>{*value} : std::nullopt});
        }
        tree_->apply(sorted, mark);
        changes_.clear();
        bytes_ = 0;
    }

    std::unique_ptr<tree::Tree> tree_;
    std::map<Buffer, std::optional<Buffer>> changes_;
    std::size_t bytes_ = 0;
};

/// One tree on its way from the damaged directory into the new one.
struct Half {
    TreeId id;
    TreeFiller filler;
    bool empty = true;                     ///< nothing could be read
    std::optional<tree::MarkRecord> mark;  ///< of the damaged one
};

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
        end_ = std::max({sequence_of(relational_), sequence_of(documents_), journal_.last()});
        for (Half* const half : {&relational_, &documents_}) replay(*half);
        Epoch epoch = journal_.epoch_highest();
        for (const Half* const half : {&relational_, &documents_}) {
            if (half->mark) epoch = std::max(epoch, half->mark->mark.epoch);
        }
        salvaged_.last = {.epoch = epoch, .sequence = end_, .chain = journal::random_bits()};
        if (end_ == Sequence{}) salvaged_.last = {};
        relational_.filler.finish(salvaged_.last);
        documents_.filler.finish(salvaged_.last);
        return std::move(salvaged_);
    }

  private:
    static Sequence sequence_of(const Half& half) {
        return half.mark ? half.mark->mark.sequence : Sequence{};
    }
    void lose(std::string what) { salvaged_.losses.push_back(std::move(what)); }
    void lose(const std::vector<std::string>& losses) {
        salvaged_.losses.insert(salvaged_.losses.end(), losses.begin(), losses.end());
    }

    template <class Read>
    void attempt(Half& half, Read read) {
        try {
            half.mark = read();
        } catch (const Error& error) {
            if (error.code() != ErrorCode::corrupt && error.code() != ErrorCode::io_error) throw;
            lose(fmt::format("{} store: {}", to_string(half.id), error.what()));
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
            relational_.filler.put(key, value);
        };
        visitor.beside = [&](Bytes key, Bytes value) {
            relational_.empty = false;
            relational_.filler.put_if_absent(key, value);
        };
        visitor.damaged = [&](Bytes key, Bytes stored) {
            salvaged_.damaged.push_back({Buffer{key}, Buffer{stored}});
        };
        const lmdb::Salvaged found = lmdb::salvage(from_.relational, visitor);
        lose(found.losses);
        if (found.pages_found != 0) {
            lose(fmt::format("relational store: {} pages were found again beside the tree",
                             found.pages_found));
        }
        return found.mark;
    }

    std::optional<tree::MarkRecord> read_documents() {
        const std::string scratch = to_.documents + ".salvage";
        const rocks::Salvaged found =
            rocks::salvage(from_.documents, scratch, options_.rocks, [&](Bytes key, Bytes value) {
                documents_.empty = false;
                documents_.filler.put(key, value);
            });
        std::error_code ignored;
        std::filesystem::remove_all(scratch, ignored);
        lose(found.losses);
        if (found.list_made_again) {
            lose(
                "documents store: the list of table files was made again from the files; removed "
                "documents of earlier times may be among them");
        }
        return found.mark;
    }

    void replay(Half& half) {
        const Sequence first = first_to_replay(half);
        journal_.replay(first, [&](const journal::Entry& entry) {
            const outbox::Record record{entry.record, entry.sequence};
            record.each_change(half.id, [&](const outbox::Record::Change& change) {
                if (change.value) {
                    half.filler.put(change.key, *change.value);
                } else {
                    half.filler.erase(change.key);
                }
            });
            if (half.id == TreeId::relational) ++salvaged_.commits_replayed;
        });
        tell_gap(half);
    }

    /// See SalvagedTrees.
    Sequence first_to_replay(const Half& half) const {
        if (half.empty) return Sequence{1};
        return journal_.begin_of_run(half.mark ? half.mark->mark.sequence : end_);
    }

    void tell_gap(const Half& half) {
        const Sequence held = sequence_of(half);
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

    const DatabasePaths& from_;
    const DatabasePaths& to_;
    const journal::SalvagedJournal& journal_;
    const Identity& before_;
    const ResolvedOptions& options_;
    Half relational_;
    Half documents_;
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

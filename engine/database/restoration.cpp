#include "database/restoration.hpp"

#include "codec/key_writer.hpp"
#include "codec/ordered_key.hpp"
#include "document/restore.hpp"
#include "relational/restore.hpp"

#include <map>
#include <optional>
#include <string_view>

namespace amphora {

namespace {

constexpr std::size_t entries_per_commit = 200;
constexpr std::size_t removals_per_commit = 1000;

class Restoration {
  public:
    Restoration(Core& core, Quarantine& quarantine) : core_{core}, quarantine_{quarantine} {}

    Restored run(std::span<const SalvagedTrees::Damaged> damaged) {
        keep_damaged(damaged);
        for (bool taken_out = true; taken_out;) {
            clear_indexes();
            while (restore_entries()) {
            }
            taken_out = restore_indexes();
        }
        return restored_;
    }

  private:
    [[nodiscard]] auto tables() const { return core_.schema->tables().all(); }
    [[nodiscard]] auto collections() const { return core_.schema->collections().all(); }

    /// What stood in an index is made anew, and needs no keeping.
    void keep_damaged(std::span<const SalvagedTrees::Damaged> damaged) {
        std::map<std::string, std::string_view, std::less<>> names;
        for (const auto& table : tables()) {
            names.emplace(codec::KeyWriter{table->definition().space}.take(), table->name());
        }
        for (const auto& [key, stored] : damaged) {
            const auto found = names.find(Bytes{key}.substr(0, codec::key_space_bytes));
            if (found == names.end()) continue;
            quarantine_.add(TreeId::relational, found->second, key, stored,
                            "the checksum of the row does not match");
            ++restored_.rows_quarantined;
        }
    }

    void clear_indexes() {
        for (const auto& table : tables()) {
            for (const auto& index : table->indexes()) clear(TreeId::relational, index.space);
        }
        for (const auto& collection : collections()) {
            for (const auto& index : collection->indexes()) clear(TreeId::documents, index.space());
        }
    }
    void clear(TreeId tree, SpaceId space) {
        for (bool more = true; more;) {
            auto writing = core_.engine->begin({});
            const codec::KeyWriter all{space};
            const auto cursor = writing->cursor(tree, all.bytes(), codec::prefix_end(all.bytes()));
            std::size_t removed = 0;
            for (cursor->seek_first(); cursor->valid() && removed < removals_per_commit;
                 cursor->next(), ++removed) {
                writing->erase(tree, Buffer{cursor->key()});
            }
            more = removed == removals_per_commit;
            core_.engine->commit(std::move(writing));
        }
    }

    /// Whether something was taken out.
    bool restore_entries() {
        const std::uint64_t before = quarantine_.entries();
        for (const auto& table : tables()) {
            in_steps([&](transaction::Writing& writing, Bytes from) {
                return relational::restore_rows(writing, *table, from, entries_per_commit,
                                                refused(*table));
            });
        }
        for (const auto& collection : collections()) {
            in_steps([&](transaction::Writing& writing, Bytes from) {
                return document::restore_documents(writing, *collection, from, entries_per_commit,
                                                   refused(*collection));
            });
        }
        return quarantine_.entries() != before;
    }
    bool restore_indexes() {
        const std::uint64_t before = quarantine_.entries();
        for (const auto& table : tables()) {
            in_steps([&](transaction::Writing& writing, Bytes from) {
                return relational::restore_indexes(writing, *table, from, entries_per_commit,
                                                   refused(*table));
            });
        }
        for (const auto& collection : collections()) {
            in_steps([&](transaction::Writing& writing, Bytes from) {
                return document::restore_indexes(writing, *collection, from, entries_per_commit,
                                                 refused(*collection));
            });
        }
        return quarantine_.entries() != before;
    }

    template <class Step>
    void in_steps(Step step) {
        std::optional<Buffer> from = Buffer{};
        while (from) {
            auto writing = core_.engine->begin({});
            from = step(*writing, *from);
            core_.engine->commit(std::move(writing));
        }
    }

    relational::Refused refused(const relational::BoundTable& table) {
        return [this, &table](Bytes key, Bytes value, const std::string& why) {
            quarantine_.add(TreeId::relational, table.name(), key, value, why);
            ++restored_.rows_quarantined;
        };
    }
    document::Refused refused(const document::BoundCollection& collection) {
        return [this, &collection](Bytes key, Bytes value, const std::string& why) {
            quarantine_.add(TreeId::documents, collection.name(), key, value, why);
            ++restored_.documents_quarantined;
        };
    }

    Core& core_;
    Quarantine& quarantine_;
    Restored restored_;
};

}  // namespace

Restored restore_contents(Core& core, std::span<const SalvagedTrees::Damaged> damaged,
                          Quarantine& quarantine) {
    return Restoration{core, quarantine}.run(damaged);
}

}  // namespace amphora

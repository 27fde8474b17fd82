#include "outbox/pending.hpp"

#include "base/assert.hpp"
#include "base/clock.hpp"

#include <algorithm>
#include <utility>

namespace amphora::outbox {
void PendingTable::note_commit(std::int64_t at_us) noexcept {
    if (!moments_.empty() && at_us - moments_.back().at_us < moment_us) {
        ++moments_.back().commits;
    } else {
        moments_.push_back({.at_us = at_us, .commits = 1});  // room is reserved
    }
    if (first_ms_.load(std::memory_order_relaxed) == 0 && !list_.empty()) {
        first_ms_.store(std::max<std::int64_t>(1, steady_ms()), std::memory_order_relaxed);
    }
}

Pending::Pending(Options options) : options_{options} {
    for (Side& side : sides_) {
        side.list = std::make_shared<PendingList>(
            std::vector<std::shared_ptr<PendingTable>>{make_table(side, Sequence{})});
    }
}

void Pending::start(const std::array<Sequence, trees_count>& delivered, Sequence published) {
    published_.store(published, std::memory_order_release);
    for (const TreeId tree : trees_all) {
        Side& side = sides_[index_of(tree)];
        exchange(side, std::make_shared<PendingList>(std::vector<std::shared_ptr<PendingTable>>{
                           make_table(side, delivered[index_of(tree)])}));
    }
}

void Pending::take_over(TreeId tree, std::shared_ptr<PendingTable> table) {
    const std::lock_guard lock{publication_};
    Side& side = sides_[index_of(tree)];
    auto tables = side.list->tables();
    AMPHORA_ASSERT(tables.back()->list().empty() && tables.back()->begin() == table->begin());
    side.add(table->list().used_bytes(), table->list().versions());
    tables.back() = std::move(table);
    tables.push_back(make_table(side, tables.back()->end()));
    exchange(side, std::make_shared<PendingList>(std::move(tables)));
}

std::shared_ptr<PendingTable> Pending::make_table(const Side& side, Sequence begin) const {
    const auto chunk_bytes = std::clamp<std::size_t>(options_.seal_bytes / 16, 64u << 10, 1u << 20);
    return std::make_shared<PendingTable>(begin, chunk_bytes, side.memory);
}

// Everything that may fail, for both trees, before anything is changed.
Pending::Effect Pending::prepare(const Record& record) {
    Effect effect;
    for (const TreeId tree : trees_all) {
        if (active(tree).list().used_bytes() >= options_.seal_bytes) {
            seal_locked(tree);
            effect.sealed[index_of(tree)] = true;
        }
        PendingTable& table = active(tree);
        table.reserve_moment();
        if (record.changes(tree) > 0) {
            table.reserve(record.content_bytes(tree), record.changes(tree));
        }
    }
    return effect;
}

void Pending::insert(const Record& record, Sequence sequence, Effect& effect) noexcept {
    const std::int64_t at_us = now_us();
    for (const TreeId tree : trees_all) {
        Side& side = sides_[index_of(tree)];
        PendingTable& table = active(tree);
        const std::uint64_t used_before = table.list().used_bytes();
        effect.first_change[index_of(tree)] = table.list().empty() && record.changes(tree) > 0;
        SkipList::Finger finger;
        record.each_change(tree, [&](const Record::Change& change) {
            table.insert(change.key, sequence, change.value, finger);
        });
        table.note_commit(at_us);
        side.add(table.list().used_bytes() - used_before, record.changes(tree));
        if (table.list().used_bytes() >= options_.seal_bytes) {
            effect.sealed[index_of(tree)] = true;  // full: its relay seals it, or the next commit
        }
    }
}

void Pending::seal(TreeId tree) {
    const std::lock_guard lock{publication_};
    seal_locked(tree);
}

void Pending::seal_locked(TreeId tree) {
    Side& side = sides_[index_of(tree)];
    PendingTable& table = active(tree);
    const Sequence end = published();
    if (table.begin() >= end) return;
    auto tables = side.list->tables();
    tables.push_back(make_table(side, end));
    auto list = std::make_shared<PendingList>(std::move(tables));
    // Nothing is added while `publication_` is held. So a reader that finds the table unsealed
    // finds in it everything that was published by then.
    table.seal(end);
    exchange(side, std::move(list));
}

std::vector<std::shared_ptr<PendingTable>> Pending::sealed(TreeId tree) const {
    auto tables = list(tree)->tables();
    tables.pop_back();
    return tables;
}

void Pending::drop(TreeId tree, std::size_t count) {
    // Destroyed after the lock is released: freeing tens of megabytes takes time.
    std::shared_ptr<const PendingList> old;
    const std::lock_guard lock{publication_};
    Side& side = sides_[index_of(tree)];
    const auto& tables = side.list->tables();
    AMPHORA_ASSERT(count < tables.size());
    const auto kept = tables.begin() + static_cast<std::ptrdiff_t>(count);
    auto list = std::make_shared<PendingList>(
        std::vector<std::shared_ptr<PendingTable>>(kept, tables.end()));
    for (auto table = tables.begin(); table != kept; ++table) {
        (*table)->leave_list(side.readers);
        side.used_bytes.fetch_sub((*table)->list().used_bytes(), std::memory_order_relaxed);
        side.entries.fetch_sub((*table)->list().versions(), std::memory_order_relaxed);
    }
    old = exchange(side, std::move(list));
}

std::shared_ptr<const PendingList> Pending::exchange(Side& side,
                                                     std::shared_ptr<const PendingList> list) {
    {
        const std::lock_guard lock{side.mutex};
        side.list.swap(list);
    }
    version_.fetch_add(1, std::memory_order_acq_rel);
    return list;
}

std::uint64_t Pending::memory_bytes(TreeId tree) const noexcept {
    const Side& side = sides_[index_of(tree)];
    const std::uint64_t readers = side.readers->bytes.load(std::memory_order_relaxed);
    const std::uint64_t all = side.memory->bytes.load(std::memory_order_relaxed);
    return all > readers ? all - readers : 0;
}

std::uint64_t Pending::reader_bytes(TreeId tree) const noexcept {
    return sides_[index_of(tree)].readers->bytes.load(std::memory_order_relaxed);
}

}  // namespace amphora::outbox

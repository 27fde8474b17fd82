#pragma once

#include "outbox/outbox.hpp"
#include "outbox/record.hpp"
#include "support/comes_true.hpp"
#include "support/fake_journal.hpp"
#include "support/memory_tree.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// An outbox over a journal and two trees in memory, that can be killed and opened again.
namespace amphora::support {

using Writes = std::map<std::string, std::optional<std::string>>;

/// A commit record as the transaction floor encodes it.
inline Buffer encode_record(const Writes& relational, const Writes& documents = {}) {
    outbox::RecordWriter writer{0};
    for (const Writes* const writes : {&relational, &documents}) {
        writer.begin_changes(writes->size());
        for (const auto& [key, value] : *writes) {
            outbox::Change change{.key = key};
            if (value) change.value = *value;
            writer.change(change);
        }
    }
    writer.begin_events(0);
    return std::move(writer).finish();
}

inline void fold_into(Content& content, const Writes& writes) {
    for (const auto& [key, value] : writes) {
        if (value) {
            content.insert_or_assign(key, *value);
        } else {
            content.erase(key);
        }
    }
}

class Vessel {
  public:
    explicit Vessel(outbox::OutboxOptions with = quiet()) : options{with} { open(); }

    ~Vessel() {
        if (journal) kill();
    }
    Vessel(const Vessel&) = delete;
    Vessel& operator=(const Vessel&) = delete;

    /// Options with which nothing is delivered by itself within the time of a test.
    static outbox::OutboxOptions quiet() {
        outbox::OutboxOptions options;
        options.seal_age_ms = 3'600'000;
        options.hold_idle_ms = 3'600'000;
        options.backoff_ms_max = 20;
        options.wait_ms_max = 200;
        return options;
    }

    void make() {
        outbox = std::make_unique<outbox::Outbox>(*journal, relational, documents, options,
                                                  [this](const std::string& line) {
                                                      const std::lock_guard lock{log_mutex};
                                                      log.push_back(line);
                                                  });
    }
    void open(JournalRemains remains = {}) {
        journal = std::make_unique<FakeJournal>(std::move(remains));
        make();
        outbox->recover();
    }
    /// The end of the process: the contents of memory are lost.
    JournalRemains kill() {
        relational.resume();
        documents.resume();
        journal->release_syncs();
        outbox.reset();
        JournalRemains remains = journal->remains();
        journal.reset();
        return remains;
    }

    Sequence commit(const Writes& rows, const Writes& docs = {},
                    Durability durability = Durability::synced) {
        const Sequence sequence = outbox->commit(encode_record(rows, docs), durability);
        if (durability == Durability::synced) outbox->await_visible(sequence);
        return sequence;
    }
    bool deliver(TreeId tree, Sequence sequence, int ms = 10'000) {
        return outbox->await_delivered(tree, sequence, Deadline{std::chrono::milliseconds{ms}});
    }
    void deliver_all() {
        for (const TreeId tree : trees_all) {
            if (!deliver(tree, outbox->published())) throw std::runtime_error{"no delivery"};
        }
    }

    [[nodiscard]] std::vector<std::string> logged() {
        const std::lock_guard lock{log_mutex};
        return log;
    }

    outbox::OutboxOptions options;
    MemoryTree relational{MemoryTree::Holds::at_once};
    MemoryTree documents{MemoryTree::Holds::when_asked};
    std::unique_ptr<FakeJournal> journal;
    std::mutex log_mutex;
    std::vector<std::string> log;
    std::unique_ptr<outbox::Outbox> outbox;
};

}  // namespace amphora::support

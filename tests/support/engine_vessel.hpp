#pragma once

#include "support/code_of.hpp"
#include "support/vessel.hpp"
#include "transaction/engine.hpp"
#include "transaction/epochs.hpp"

#include <functional>

namespace amphora::support {

/// A vessel with the transaction engine on top.
class EngineVessel {
  public:
    explicit EngineVessel(outbox::OutboxOptions options = Vessel::quiet(),
                          transaction::EngineOptions engine_options_ = {})
        : vessel{options}, engine_options{engine_options_} {
        engine = std::make_unique<transaction::Engine>(*vessel.outbox, engine_options);
    }
    void reopen(JournalRemains remains) {
        vessel.open(std::move(remains));
        engine = std::make_unique<transaction::Engine>(*vessel.outbox, engine_options);
    }
    JournalRemains kill() {
        vessel.journal->release_syncs();
        engine.reset();
        return vessel.kill();
    }

    std::unique_ptr<transaction::WriteTransaction> begin(
        Durability durability = Durability::synced) {
        return engine->begin({.durability = durability, .timeout = std::chrono::seconds{20}});
    }
    Commit put(TreeId tree, Bytes key, Bytes value, Durability durability = Durability::synced) {
        auto writing = begin(durability);
        writing->put(tree, key, value);
        return engine->commit(std::move(writing));
    }

    Vessel vessel;
    transaction::EngineOptions engine_options;
    std::unique_ptr<transaction::Engine> engine;
};

inline std::optional<std::string> find(const transaction::Reading& reading, TreeId tree,
                                       Bytes key) {
    Buffer scratch;
    const auto found = reading.find(tree, key, scratch);
    return found ? std::optional{std::string{*found}} : std::nullopt;
}

/// Everything that a tree shows, without the engine's own records.
inline Content content_of(const transaction::Reading& reading, TreeId tree) {
    Content content;
    const auto cursor = reading.cursor(tree, Bytes{"\0\0\0\3", 4}, {});
    for (cursor->seek_first(); cursor->valid(); cursor->next()) {
        content.emplace(cursor->key(), cursor->value());
    }
    return content;
}

}  // namespace amphora::support

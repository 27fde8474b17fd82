// What transactions do to documents that expire. While one has expired the database may still have
// it or not, so it is never read.

#include "workload/operations.hpp"
#include "workload/reading.hpp"
#include "workload/schema.hpp"

namespace amphora::workload {
namespace {

constexpr std::size_t trails_max = 24;
constexpr std::size_t expired_trails_max = 48;

}  // namespace

void insert_trail(Step& step) {
    if (step.model.trails.size() >= trails_max) return erase_trail(step);
    const std::int64_t id = step.next_id();
    const Trail trail{static_cast<std::int64_t>(step.dice.below(100))};
    if (step.transaction != nullptr) step.transaction->insert(trails, document_of(id, trail));
    step.model.trails[id] = trail;
}

void insert_expired_trail(Step& step) {
    if (step.model.expired_trails.size() >= expired_trails_max) return revive_trail(step);
    const std::int64_t id = step.next_id();
    if (step.transaction != nullptr) step.transaction->insert(trails, expired_document_of(id));
    step.model.expired_trails[id] = {};
}

void expire_trail(Step& step) {
    const auto trail = step.some(step.model.trails);
    if (trail == step.model.trails.end()) return insert_expired_trail(step);
    if (step.model.expired_trails.size() >= expired_trails_max) return erase_trail(step);
    if (step.transaction != nullptr) {
        step.transaction->put(trails, expired_document_of(trail->first));
    }
    step.model.expired_trails[trail->first] = {};
    step.model.trails.erase(trail);
}

/// Whether it was removed or not: from now on it lives.
void revive_trail(Step& step) {
    const auto expired = step.some(step.model.expired_trails);
    if (expired == step.model.expired_trails.end()) return insert_trail(step);
    if (step.model.trails.size() >= trails_max) return erase_trail(step);
    const Trail trail{static_cast<std::int64_t>(step.dice.below(100))};
    if (step.transaction != nullptr) {
        step.transaction->put(trails, document_of(expired->first, trail));
    }
    step.model.trails[expired->first] = trail;
    step.model.expired_trails.erase(expired);
}

void erase_trail(Step& step) {
    const auto trail = step.some(step.model.trails);
    if (trail == step.model.trails.end()) return insert_trail(step);
    if (step.transaction != nullptr) {
        step.require(step.transaction->erase(trails, Id{trail->first}),
                     "a trail to be erased is missing");
    }
    step.model.trails.erase(trail);
}

}  // namespace amphora::workload

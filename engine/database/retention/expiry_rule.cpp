#include "database/retention/expiry_rule.hpp"

#include "base/assert.hpp"
#include "base/clock.hpp"
#include "catalog/language/retain.hpp"
#include "document/expiry.hpp"

namespace amphora::retention {

document::KeyRange ExpiryRule::expired_at(std::int64_t now_us) const {
    return document::entries_until(*index, floor_milliseconds(now_us) - after.count());
}

DateTime ExpiryRule::moment_of_expiry(Bytes entry) const {
    return DateTime{(document::moment_of(entry) + after.count()) * 1000};
}

std::vector<ExpiryRule> expiry_rules(const document::BoundCollection& collection) {
    std::vector<ExpiryRule> rules;
    const catalog::Retention& declared = collection.definition().retention;
    if (!declared.by.empty()) {
        const document::BoundIndex& index = collection.require_index(declared.by_index);
        if (declared.age_max) {
            const auto period = catalog::retain_period(*declared.age_max);
            AMPHORA_ASSERT(period.has_value());
            rules.push_back({.collection = &collection, .index = &index, .after = *period});
        }
        if (declared.count_max) {
            rules.push_back(
                {.collection = &collection, .index = &index, .count_max = declared.count_max});
        }
    }
    if (!declared.expire_by.empty()) {
        rules.push_back(
            {.collection = &collection, .index = &collection.require_index(declared.expire_index)});
    }
    return rules;
}

}  // namespace amphora::retention

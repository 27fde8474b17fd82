#include "database/retention/sweep.hpp"

#include "base/clock.hpp"
#include "base/deadline.hpp"
#include "document/expiry.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace amphora::retention {

namespace {

using namespace std::chrono_literals;

/// After so long without the turn or without room it asks again whether to continue.
constexpr std::chrono::milliseconds turn_wait = 100ms;
constexpr std::chrono::milliseconds room_wait = 2ms;
/// Then it takes room as any writer, or is refused.
constexpr std::chrono::milliseconds room_wait_max = 5s;
/// After a commit for which another writer had to wait it leaves the turn, and the processor, to
/// others for so many times as long as it had the turn.
constexpr std::int64_t pause_for_others = 4;
constexpr std::int64_t pause_us_max = 20'000;
constexpr std::uint64_t documents_between_looks = 8;

bool is_of_one_document(ErrorCode code) noexcept {
    return code == ErrorCode::corrupt || code == ErrorCode::malformed_bson ||
           code == ErrorCode::type_mismatch || code == ErrorCode::transaction_too_large ||
           code == ErrorCode::value_too_large;
}

}  // namespace

Sweep::Sweep(transaction::Engine& engine, outbox::Outbox& outbox, const SweepOptions& options,
             std::function<bool()> may_continue)
    : engine_{engine},
      outbox_{outbox},
      options_{options},
      may_continue_{std::move(may_continue)},
      documents_max_{options.documents_max} {}

bool Sweep::run(const ExpiryRule& rule, document::KeyRange& rest) {
    while (may_continue_()) {
        try {
            if (step(rule, rest)) return true;
            documents_max_ = std::min(documents_max_ * 2, options_.documents_max);
        } catch (const Error& error) {
            if (error.code() == ErrorCode::timeout) continue;
            if (error.code() == ErrorCode::disk_full && documents_max_ > 1) {
                documents_max_ = std::max<std::uint64_t>(1, documents_max_ / 8);
            } else if (is_of_one_document(error.code())) {
                pass(rule, rest, error);
            } else {
                throw;
            }
        }
    }
    return false;
}

/// Removals are admitted within reserves where inserts are not. On a full disk they are the cure.
/// Where delivery lags, the reserve is for the removals of users.
void Sweep::await_room() {
    const Deadline patience{room_wait_max};
    while (!outbox_.has_ample_room() && may_continue_() && !patience.has_passed()) {
        std::this_thread::sleep_for(room_wait);
    }
    const outbox::TreeAdmission documents = outbox_.admission()[TreeId::documents];
    const bool is_admitted =
        documents.admits == outbox::Admits::everything ||
        (documents.admits == outbox::Admits::removals && documents.code == ErrorCode::disk_full);
    if (!is_admitted) outbox_.refuse(TreeId::documents, documents);
}

bool Sweep::step(const ExpiryRule& rule, document::KeyRange& rest) {
    await_room();
    auto writing = engine_.begin({.durability = Durability::written, .timeout = turn_wait});
    writing->set_context({.origin = origin});
    const std::int64_t begin_us = steady_us();
    document::Removed removed = document::remove_documents(
        *writing, *rule.collection, *rule.index, rest, [&](const document::Removed& so_far) {
            if (so_far.documents >= documents_max_ || so_far.bytes >= options_.bytes_max) {
                return false;
            }
            if (so_far.documents % documents_between_looks != 0) return true;
            const std::int64_t turn_us = steady_us() - begin_us;
            return turn_us < options_.awaited_turn_us_max ||
                   (turn_us < options_.turn_us_max && !writing->is_awaited());
        });
    const std::int64_t pause_us =
        writing->is_awaited() ? (steady_us() - begin_us) * pause_for_others : 0;
    if (removed.documents != 0) {
        engine_.commit(std::move(writing));
        removed_ += removed.documents;
    }
    rest.lower = std::move(removed.next);
    if (pause_us != 0) {
        std::this_thread::sleep_for(std::chrono::microseconds{std::min(pause_us, pause_us_max)});
    }
    return removed.is_complete;
}

void Sweep::pass(const ExpiryRule& rule, document::KeyRange& rest, const Error& why) {
    if (!failure_) {
        failure_.emplace(why.code(),
                         fmt::format("an expired document of collection {} cannot be removed: {}",
                                     rule.collection->name(), why.what()));
    }
    const auto failing = document::first_entry(*engine_.snapshot(), rest);
    rest.lower = failing ? *failing + '\0' : rest.upper;
}

}  // namespace amphora::retention

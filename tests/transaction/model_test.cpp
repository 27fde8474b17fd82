#include "support/engine_vessel.hpp"
#include "support/random.hpp"

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace amphora::transaction {
namespace {

using support::code_of;
using support::Content;
using support::EngineVessel;

using Both = std::array<Content, trees_count>;

constexpr Bytes first_of_ours{"\0\0\0\3", 4};  // after the engine's own records

/// A database and its model: what each commit left in two plain maps.
class Model {
  public:
    explicit Model(std::uint64_t seed) : random_{seed} {
        auto options = support::Vessel::quiet();
        options.seal_bytes = 1 + random_() % 1500;
        options.batch_bytes_max = random_() % 4000;
        options.seal_age_ms = random_.once_in(2) ? 1 : 3'600'000;
        options.journal_bytes_max = 20'000;
        options.stalled_ms = 1;
        options.wait_ms_max = 50;
        vessel_ = std::make_unique<EngineVessel>(options);
    }

    void run(int steps) {
        for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
            switch (random_() % 20) {
                case 0:
                    deliver();
                    break;
                case 1:
                    held_.push_back(take_snapshot());
                    if (held_.size() > 6) {
                        held_.erase(held_.begin() +
                                    static_cast<std::ptrdiff_t>(random_() % held_.size()));
                    }
                    break;
                case 2:
                case 3:
                    if (!held_.empty()) check(held_[random_() % held_.size()]);
                    break;
                case 4:
                    check(take_snapshot());
                    break;
                case 5:
                    if (random_.once_in(3)) disturb();
                    break;
                case 6:
                    if (random_.once_in(4)) die();
                    break;
                case 7:
                    if (random_.once_in(8)) fail_the_journal();
                    break;
                default:
                    transact();
            }
        }
        calm();
        vessel_->vessel.deliver_all();
        check(take_snapshot());
        EXPECT_EQ(vessel_->vessel.documents.content(), states_.back()[1]);
    }

  private:
    struct Held {
        std::shared_ptr<const Reading> reading;
        Both expected;
    };

    std::string random_key() {
        std::string key(1 + random_() % 2, 'a');
        for (char& byte : key) byte = static_cast<char>('a' + random_() % 6);
        return key;
    }
    TreeId random_tree() { return random_.once_in(2) ? TreeId::relational : TreeId::documents; }

    /// A walk in both directions, step by step with a walk over the map.
    void check_cursor(Cursor& cursor, const Content& content, Bytes lower, Bytes upper) {
        const auto begin = content.lower_bound(lower);
        const auto end = upper.empty() ? content.end() : content.lower_bound(upper);
        if (!upper.empty() && upper < lower) return;
        auto at = end;
        bool valid = false;
        const auto arrive = [&](Content::const_iterator where, bool found) {
            at = where;
            valid = found;
            ASSERT_EQ(cursor.valid(), valid);
            if (!valid) return;
            ASSERT_EQ(cursor.key(), at->first);
            ASSERT_EQ(cursor.value(), at->second);
        };
        for (int step = 0; step < 25 && !testing::Test::HasFatalFailure(); ++step) {
            const std::string key = random_key();
            switch (valid ? random_() % 10 : random_() % 4) {
                case 0:
                    cursor.seek_first();
                    arrive(begin, begin != end);
                    break;
                case 1:
                    cursor.seek_last();
                    arrive(begin == end ? end : std::prev(end), begin != end);
                    break;
                case 2: {
                    cursor.seek(key);
                    auto found = content.lower_bound(std::max(Bytes{key}, lower));
                    const bool inside =
                        found != content.end() && (upper.empty() || found->first < upper);
                    arrive(found, inside);
                    break;
                }
                case 3: {
                    cursor.seek_before(key);
                    auto after = content.lower_bound(upper.empty() ? Bytes{key}
                                                                   : std::min(Bytes{key}, upper));
                    const bool inside =
                        after != content.begin() && std::prev(after)->first >= lower;
                    arrive(inside ? std::prev(after) : end, inside);
                    break;
                }
                case 4:
                case 5:
                case 6:
                    cursor.next();
                    arrive(std::next(at), std::next(at) != end);
                    break;
                default: {
                    const bool inside = at != begin;
                    cursor.previous();
                    arrive(inside ? std::prev(at) : end, inside);
                }
            }
        }
    }

    void check(const Reading& reading, const Both& expected) {
        const TreeId tree = random_tree();
        const Content& content = expected[index_of(tree)];
        for (int i = 0; i < 5; ++i) {
            const std::string key = random_key();
            const auto found = content.find(key);
            ASSERT_EQ(support::find(reading, tree, key),
                      found == content.end() ? std::nullopt : std::optional{found->second});
        }
        const std::string lower = random_.once_in(3) ? std::string{first_of_ours} : random_key();
        const std::string upper = random_.once_in(3) ? std::string{} : random_key();
        const auto cursor = reading.cursor(tree, lower, upper);
        check_cursor(*cursor, content, lower, upper);
        check_find(*cursor, content);
        const std::string inner_lower = std::max(lower, random_key());
        const std::string inner_upper =
            upper.empty() ? random_key() : std::min(upper, random_key());
        cursor->narrow_to(inner_lower, inner_upper);
        check_cursor(*cursor, content, inner_lower, inner_upper);
        check_find(*cursor, content);
    }
    /// Any key, for every range of the cursor.
    void check_find(Cursor& cursor, const Content& content) {
        const std::string key = random_key();
        const auto expected = content.find(key);
        const std::optional<Bytes> found = cursor.find(key);
        ASSERT_EQ(found.has_value(), expected != content.end());
        ASSERT_EQ(found.value_or(""), found ? Bytes{expected->second} : Bytes{});
    }
    void check(const Held& held) { check(*held.reading, held.expected); }

    Held take_snapshot() {
        auto reading = vessel_->engine->snapshot();
        const auto sequence = number(reading->commit_seen().sequence);
        EXPECT_EQ(sequence, states_.size() - 1) << "everything was acknowledged";
        return {.reading = std::move(reading), .expected = states_.at(sequence)};
    }

    void transact() {
        std::unique_ptr<WriteTransaction> writing;
        const bool synced = random_.once_in(2);
        if (const auto code = code_of([&] {
                writing = vessel_->begin(synced ? Durability::synced : Durability::written);
            })) {
            ASSERT_EQ(*code, ErrorCode::outbox_full);
            calm();
            return;
        }
        Both now = states_.back();
        struct Mark {
            Writing::Savepoint savepoint;
            Both state;
        };
        std::vector<Mark> savepoints;
        struct Open {
            std::unique_ptr<Cursor> cursor;
            Content expected;
        };
        std::vector<Open> cursors;
        for (auto operations = random_() % 12; operations > 0; --operations) {
            const TreeId tree = random_tree();
            const std::string key = random_key();
            switch (random_() % 10) {
                case 0:
                    savepoints.push_back({writing->savepoint(), now});
                    break;
                case 1:
                    if (savepoints.empty()) break;
                    savepoints.resize(1 + random_() % savepoints.size());
                    writing->rollback_to(savepoints.back().savepoint);
                    now = savepoints.back().state;
                    cursors.clear();  // of what they saw, some may have been taken back
                    break;
                case 2:
                    cursors.push_back(
                        {writing->cursor(tree, first_of_ours, {}), now[index_of(tree)]});
                    break;
                case 3:
                    check(*writing, now);
                    break;
                case 4:
                case 5:
                    writing->erase(tree, key);
                    now[index_of(tree)].erase(key);
                    break;
                default: {
                    const std::string value(random_() % 40,
                                            static_cast<char>('a' + random_() % 26));
                    if (const auto code = code_of([&] { writing->put(tree, key, value); })) {
                        // The backlog is full: of the documents alone, or of both.
                        ASSERT_TRUE(*code == ErrorCode::documents_stalled ||
                                    *code == ErrorCode::outbox_full);
                        break;
                    }
                    now[index_of(tree)].insert_or_assign(key, value);
                }
            }
        }
        for (const Open& open : cursors) {
            check_cursor(*open.cursor, open.expected, first_of_ours, {});
            check_find(*open.cursor, open.expected);
        }
        if (random_.once_in(6)) {
            vessel_->engine->rollback(std::move(writing));
            return;
        }
        const Commit commit = vessel_->engine->commit(std::move(writing));
        if (number(commit.sequence) == states_.size()) {
            states_.push_back(now);
            if (synced) synced_ = states_.size() - 1;
        }
        ASSERT_EQ(number(commit.sequence), states_.size() - 1);
        ASSERT_EQ(now, states_.back());
    }

    void deliver() {
        const TreeId tree = random_tree();
        vessel_->vessel.deliver(tree, vessel_->vessel.outbox->published(), 5);
    }
    void disturb() {
        support::Vessel& vessel = vessel_->vessel;
        switch (random_() % 5) {
            case 0:
                vessel.documents.stall();
                break;
            case 1:
                vessel.relational.fail_next(static_cast<int>(random_() % 4));
                break;
            case 2:
                vessel.documents.fail_next(static_cast<int>(random_() % 20));
                break;
            default:
                calm();
        }
    }
    void calm() {
        vessel_->vessel.documents.resume();
        vessel_->vessel.documents.fail_next(0);
    }

    /// Power is cut: what was not synced may be gone, all that was synced is there.
    void die() {
        const bool still_reading = random_.once_in(2);
        if (!still_reading) held_.clear();
        calm();
        if (random_.once_in(4)) vessel_->vessel.outbox->close();
        auto remains = vessel_->kill();
        vessel_->vessel.documents.cut_power(random_);
        remains.cut_power(random_);
        const std::size_t left = number(remains.oldest) - 1 + remains.entries.size();
        ASSERT_GE(left, synced_);
        ASSERT_LT(left, states_.size());
        states_.resize(left + 1);
        synced_ = left;
        vessel_->reopen(std::move(remains));
        check(take_snapshot());
    }

    void fail_the_journal() {
        calm();
        std::unique_ptr<WriteTransaction> writing = vessel_->begin();
        Both now = states_.back();
        if (code_of([&] { writing->put(TreeId::relational, "z", "unknown"); })) return;
        now[0].insert_or_assign("z", "unknown");
        vessel_->vessel.journal->fail_next_sync();
        const auto code = code_of([&] { vessel_->engine->commit(std::move(writing)); });
        if (number(vessel_->vessel.outbox->published()) == states_.size()) {
            ASSERT_EQ(code, ErrorCode::outcome_unknown);
            states_.push_back(now);  // its fate is decided by opening
        } else {
            ASSERT_EQ(code, ErrorCode::needs_reopen) << "a relay's sync was the first to fail";
        }
        const auto visible = vessel_->engine->snapshot();
        check(*visible, states_.at(number(visible->commit_seen().sequence)));
        ASSERT_EQ(code_of([&] { vessel_->begin(); }), ErrorCode::needs_reopen);
        die();
    }

    support::Random random_;
    std::unique_ptr<EngineVessel> vessel_;
    std::vector<Both> states_{Both{}};  // after each commit
    std::size_t synced_ = 0;            // the last commit that cannot be lost
    std::vector<Held> held_;            // before the vessel in destruction
};

/// A long life of random commands: transactions with savepoints and cursors, snapshots that are
/// kept while commits and deliveries continue, trees that stall and fail, a journal that fails,
/// power cuts. At every step everything reads as in two plain maps.
TEST(ModelTest, ReadsAsTwoPlainMapsWould) {
    const support::Random seeds;
    for (std::uint64_t life = 0; life < 40 * support::test_scale(); ++life) {
        Model model{seeds.seed() + life};
        model.run(400);
        if (HasFailure()) {
            ADD_FAILURE() << "again with AMPHORA_SEED=" << seeds.seed() + life;
            return;
        }
    }
}

}  // namespace
}  // namespace amphora::transaction

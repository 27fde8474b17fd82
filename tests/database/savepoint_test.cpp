// Savepoints: which ones a transaction can go back to, and that all others are refused.

#include "database/savepoints.hpp"
#include "database/shop.hpp"
#include "support/random.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <concepts>
#include <optional>
#include <type_traits>
#include <vector>

namespace amphora::shop {
namespace {

using Savepoint = Transaction::Savepoint;
using testing::HasSubstr;

// A number is no savepoint, and a savepoint can only be taken, not made.
static_assert(!std::constructible_from<Savepoint, std::uint64_t>);
static_assert(!std::default_initializable<Savepoint>);

/// The message of the refusal, which must be `invalid_argument`.
template <class Call>
std::string refusal(Call&& call) {
    try {
        call();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid_argument) << error.what();
        return error.what();
    }
    ADD_FAILURE() << "nothing was thrown";
    return {};
}

/// A transaction goes back to an earlier savepoint and then to a later one. The later one has
/// ended: the writes between them are undone. If it were accepted, it would keep later writes that
/// the caller expects to be undone.
TEST(Savepoint, OneTakenAfterTheOneGoneBackToHasEnded) {
    Database db = Database::temporary(schema);
    db.write([](Transaction& tx) {
        const Savepoint first = tx.savepoint();
        add_customer(tx, "kim");
        const Savepoint second = tx.savepoint();
        add_customer(tx, "lee");
        const Savepoint third = tx.savepoint();
        tx.rollback_to(first);
        add_customer(tx, "may");
        EXPECT_THAT(refusal([&] { tx.rollback_to(second); }), HasSubstr("savepoint 2"));
        EXPECT_THAT(refusal([&] { tx.rollback_to(third); }), HasSubstr("savepoint 3"));
        EXPECT_EQ(count(tx.scan(customers)), 1u) << "a refused call changes nothing";
        tx.rollback_to(first);
        tx.rollback_to(first);
        EXPECT_EQ(count(tx.scan(customers)), 0u);
        add_customer(tx, "zoe");
    });
    EXPECT_EQ(count(db.snapshot().scan(customers)), 1u);
}

/// Also if nothing was written between the two, so that going back to either would have the same
/// effect.
TEST(Savepoint, OneTakenAtTheSamePlaceHasEndedToo) {
    Database db = Database::temporary(schema);
    db.write([](Transaction& tx) {
        const Savepoint first = tx.savepoint();
        const Savepoint second = tx.savepoint();
        tx.rollback_to(second);
        tx.rollback_to(first);
        EXPECT_THAT(refusal([&] { tx.rollback_to(second); }), HasSubstr("savepoint 2"));
    });
}

TEST(Savepoint, AReleasedOneHasEndedAndWhatWasWrittenStays) {
    Database db = Database::temporary(schema);
    db.write([](Transaction& tx) {
        const Savepoint outer = tx.savepoint();
        const Savepoint middle = tx.savepoint();
        add_customer(tx, "kim");
        const Savepoint inner = tx.savepoint();
        tx.release(middle);
        EXPECT_EQ(count(tx.scan(customers)), 1u);
        EXPECT_THAT(refusal([&] { tx.rollback_to(middle); }), HasSubstr("savepoint 2"));
        EXPECT_THAT(refusal([&] { tx.release(middle); }), HasSubstr("savepoint 2"));
        EXPECT_THAT(refusal([&] { tx.rollback_to(inner); }), HasSubstr("savepoint 3"));
        tx.rollback_to(outer);
        EXPECT_EQ(count(tx.scan(customers)), 0u);
    });
}

/// A savepoint of one transaction is refused in another, of any database, also if both have the
/// same number.
TEST(Savepoint, OneOfAnotherTransactionIsRefused) {
    Database db = Database::temporary(schema);
    Database other = Database::temporary(schema);
    std::optional<Savepoint> before;
    db.write([&](Transaction& tx) { before = tx.savepoint(); });
    db.write([&](Transaction& tx) {
        add_customer(tx, "kim");
        static_cast<void>(tx.savepoint());
        EXPECT_THAT(refusal([&] { tx.rollback_to(*before); }), HasSubstr("another transaction"));
        EXPECT_THAT(refusal([&] { tx.release(*before); }), HasSubstr("another transaction"));
        other.write([&](Transaction& elsewhere) {
            const Savepoint there = elsewhere.savepoint();
            EXPECT_THAT(refusal([&] { tx.rollback_to(there); }), HasSubstr("another transaction"));
        });
    });
    EXPECT_EQ(count(db.snapshot().scan(customers)), 1u);
}

/// A transaction that is moved to another handle keeps its savepoints.
TEST(Savepoint, GoesWithTheTransaction) {
    Database db = Database::temporary(schema);
    Transaction first = db.begin();
    const Savepoint start = first.savepoint();
    add_customer(first, "kim");
    Transaction second = std::move(first);
    second.rollback_to(start);
    second.commit();
    EXPECT_EQ(count(db.snapshot().scan(customers)), 0u);
}

/// Random takes, returns and releases, compared with a list of the savepoints that are alive.
TEST(Savepoint, AliveIsWhatAListOfThemSays) {
    support::Random random;
    detail::Savepoints savepoints;
    std::vector<std::uint64_t> alive;
    std::uint64_t taken = 0;
    const auto is_alive = [&](std::uint64_t number) {
        try {
            savepoints.require_alive(savepoints.transaction(), number, "a test");
            return true;
        } catch (const Error&) {
            return false;
        }
    };
    for (int step = 0; step < 3000; ++step) {
        const auto choice = random() % 4;
        if (choice < 2 || alive.empty()) {
            ASSERT_EQ(savepoints.take(), ++taken);
            alive.push_back(taken);
        } else {
            const std::size_t at = random() % alive.size();
            const std::uint64_t number = alive[at];
            if (choice == 2) {
                savepoints.end_after(number);
                alive.resize(at + 1);
            } else {
                savepoints.end_from(number);
                alive.resize(at);
            }
        }
        const std::uint64_t looked_at = 1 + random() % taken;
        ASSERT_EQ(is_alive(looked_at),
                  std::find(alive.begin(), alive.end(), looked_at) != alive.end())
            << "savepoint " << looked_at << " after step " << step;
    }
}

}  // namespace
}  // namespace amphora::shop

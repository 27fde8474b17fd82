#pragma once

#include "micro/cost.hpp"
#include "mission.hpp"
#include "versus/place.hpp"

#include <amphora/amphora.hpp>

#include <cstdint>
#include <string>

namespace amphora::micro {

/// A database of users, each with two unique indexes, on the disk that AMPHORA_BENCH_DIR names.
class Users {
  public:
    [[nodiscard]] Database& database() noexcept { return database_; }

    /// Some more users, in one commit.
    void add(std::uint64_t count, Durability durability) {
        database_.write(
            [&](Transaction& tx) {
                for (std::uint64_t i = 0; i < count; ++i) insert_next(tx);
            },
            {.durability = durability});
    }

  private:
    void insert_next(Transaction& tx) {
        const std::string number = std::to_string(scattered(++last_));
        tx.insert(mission::users,
                  {.name = "Person", .email = number + "@example.com", .phone_num = number});
    }
    [[nodiscard]] static Options options() {
        Options options;
        options.profile = Profile::bench;
        options.memory_bytes = 64ull << 20;
        options.segment_bytes = 16ull << 20;  // preparing larger ones would be most of the work
        return options;
    }

    const versus::Place place_;
    Database database_ = Database::open(place_ / "users", mission::schema, options());
    std::uint64_t last_ = 0;
};

}  // namespace amphora::micro

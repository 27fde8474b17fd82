#include "versus/raw_map.hpp"

#include "codec/key/writer.hpp"
#include "database/row_access.hpp"
#include "mission.hpp"

#include <lmdb.h>

#include <array>
#include <filesystem>
#include <stdexcept>

namespace amphora::versus {

namespace {

void require(int status, const char* doing) {
    if (status != MDB_SUCCESS) {
        throw std::runtime_error{std::string{"LMDB, "} + doing + ": " + mdb_strerror(status)};
    }
}

MDB_val to_mdb(std::string_view bytes) {
    return {bytes.size(), const_cast<char*>(bytes.data())};
}

}  // namespace

class RawMap::Map {
  public:
    explicit Map(const std::string& directory) {
        std::filesystem::create_directories(directory);
        require(mdb_env_create(&environment), "making an environment");
        require(mdb_env_set_mapsize(environment, 1ull << 36), "sizing the map");
        require(mdb_env_open(environment, directory.c_str(), MDB_NOTLS, 0644), "opening");
    }
    ~Map() {
        if (reading != nullptr) mdb_txn_abort(reading);
        mdb_env_close(environment);
    }
    MDB_env* environment = nullptr;
    MDB_txn* reading = nullptr;
    MDB_dbi database = 0;
    codec::KeyWriter key{SpaceId{16}};
};

RawMap::RawMap(const std::string& directory) : map_{std::make_unique<Map>(directory)} {}
RawMap::~RawMap() = default;

void RawMap::fill_from(const Snapshot& snapshot, std::uint64_t rows) {
    MDB_txn* writing = nullptr;
    require(mdb_txn_begin(map_->environment, nullptr, 0, &writing), "beginning");
    require(mdb_dbi_open(writing, nullptr, 0, &map_->database), "opening the map");
    RowView row;
    for (std::uint64_t number = 1; number <= rows; ++number) {
        const auto key_number = static_cast<std::int64_t>(number);
        const std::array cells{Cell::of(key_number)};
        if (!snapshot.find_row(mission::users.table, cells, row)) {
            throw std::runtime_error{"a row is missing"};
        }
        // A value of the row's size and the checksum that Amphora adds.
        std::string value(detail::RowAccess::row(row).bytes().size() + 4, 'x');
        map_->key.restart(SpaceId{16});
        map_->key.integer(key_number);
        MDB_val key = to_mdb(map_->key.bytes());
        MDB_val data = to_mdb(value);
        require(mdb_put(writing, map_->database, &key, &data, MDB_APPEND), "putting");
    }
    require(mdb_txn_commit(writing), "committing");
}

void RawMap::begin() {
    if (map_->reading == nullptr) {
        require(mdb_txn_begin(map_->environment, nullptr, MDB_RDONLY, &map_->reading), "beginning");
        return;
    }
    mdb_txn_reset(map_->reading);
    require(mdb_txn_renew(map_->reading), "renewing");
}

std::string_view RawMap::find(std::int64_t number) {
    map_->key.restart(SpaceId{16});
    map_->key.integer(number);
    MDB_val key = to_mdb(map_->key.bytes());
    MDB_val data{};
    require(mdb_get(map_->reading, map_->database, &key, &data), "getting");
    return {static_cast<const char*>(data.mv_data), data.mv_size};
}

}  // namespace amphora::versus

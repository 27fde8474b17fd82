#include "tree/rocks/salvage/salvage_walk.hpp"

#include "tree/mark_record.hpp"
#include "tree/rocks/database/reading_options.hpp"
#include "tree/rocks/environment/status.hpp"

#include <rocksdb/metadata.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace amphora::rocks {

SalvageWalk::SalvageWalk(rocksdb::DB& database, rocksdb::DB* unfiltered, std::string directory,
                         const SalvageVisitor& visitor)
    : database_{database},
      unfiltered_{unfiltered},
      directory_{std::move(directory)},
      visitor_{visitor} {
    std::vector<rocksdb::LiveFileMetaData> files;
    database.GetLiveFilesMetaData(&files);
    // A file's entry for a key is newer than that of any file of a deeper level.
    std::ranges::sort(files, [](const auto& left, const auto& right) {
        return std::pair{-left.level, left.largest_seqno} <
               std::pair{-right.level, right.largest_seqno};
    });
    for (const rocksdb::LiveFileMetaData& file : files) {
        files_.push_back({file.relative_filename, file.smallestkey, file.largestkey});
    }
}

void SalvageWalk::run() {
    find_gaps();
    if (!gaps_.empty() || !walk_whole()) walk_by_files();
}

void SalvageWalk::find_gaps() {
    for (const TableFile& file : files_) {
        TableSalvage{directory_, file.name}.run(
            file.smallest, file.largest, [](Bytes, Bytes) {},
            [&](Gap gap) { gaps_.push_back(std::move(gap)); });
    }
}

bool SalvageWalk::walk_whole() {
    const std::unique_ptr<rocksdb::Iterator> entry{
        database_.NewIterator(reading_options(BlockCaching::pass_by))};
    entry->Seek({tree::first_key.data(), tree::first_key.size()});
    for (; entry->Valid(); entry->Next(), ++entries_) {
        visitor_.entry({entry->key().data(), entry->key().size()},
                       {entry->value().data(), entry->value().size()});
    }
    require_readable(entry->status());
    return entry->status().ok();
}

void SalvageWalk::walk_by_files() {
    for (const TableFile& file : files_) {
        TableSalvage{directory_, file.name}.run(
            file.smallest, file.largest,
            [&](Bytes key, Bytes value) {
                if (!tree::is_reserved(key)) look_up(key, value);
            },
            [](const Gap&) {});
    }
}

void SalvageWalk::look_up(Bytes key, Bytes value) {
    const rocksdb::Slice sought{key.data(), key.size()};
    const rocksdb::ReadOptions options = reading_options(BlockCaching::keep);
    std::string found;
    rocksdb::Status status = database_.Get(options, sought, &found);
    if (!status.ok() && !status.IsNotFound() && unfiltered_ != nullptr) {
        require_readable(status);
        status = unfiltered_->Get(options, sought, &found);
    }
    if (status.ok()) {
        ++entries_;
        visitor_.entry(key, found);
    } else if (!status.IsNotFound()) {
        require_readable(status);
        visitor_.doubtful(key, value);
    }
}

void SalvageWalk::require_readable(const rocksdb::Status& status) const {
    const ErrorCode code = status.ok() ? ErrorCode::corrupt : code_of(status);
    if (code != ErrorCode::corrupt && code != ErrorCode::io_error) {
        raise(status, "reading what is left", directory_);
    }
}

}  // namespace amphora::rocks

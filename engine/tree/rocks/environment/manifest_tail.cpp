#include "tree/rocks/environment/manifest_tail.hpp"

#include <boost/crc.hpp>

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

namespace amphora::rocks {

namespace {

constexpr std::size_t block_bytes = 32 << 10;
constexpr std::size_t header_bytes = 7;
constexpr std::size_t sector_bytes = 512;

enum class Type : std::uint8_t { whole = 1, first = 2, middle = 3, last = 4 };

struct Fragment {
    Type type;
    std::size_t end;
};

std::uint32_t number_at(Bytes log, std::size_t at, std::size_t width) {
    std::uint32_t number = 0;
    for (std::size_t i = width; i-- > 0;) number = number << 8 | std::uint8_t(log[at + i]);
    return number;
}

std::uint32_t masked_crc(Bytes bytes) {
    boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
    crc.process_bytes(bytes.data(), bytes.size());
    const std::uint32_t sum = crc.checksum();
    return ((sum >> 15) | (sum << 17)) + 0xa282ead8u;
}

std::size_t block_end(std::size_t at) {
    return (at / block_bytes + 1) * block_bytes;
}

/// The fragment that begins at `at`, if there is one that verifies.
std::optional<Fragment> find_fragment(Bytes log, std::size_t at) {
    if (at + header_bytes > log.size()) return std::nullopt;
    const auto type = Type(log[at + 6]);
    if (type < Type::whole || type > Type::last) return std::nullopt;
    const std::size_t end = at + header_bytes + number_at(log, at + 4, 2);
    if (end > std::min(log.size(), block_end(at))) return std::nullopt;
    if (masked_crc(log.substr(at + 6, end - at - 6)) != number_at(log, at, 4)) return std::nullopt;
    return Fragment{.type = type, .end = end};
}

bool is_zero(Bytes bytes) {
    return bytes.find_first_not_of('\0') == Bytes::npos;
}

struct Walk {
    std::size_t complete = 0;  ///< the end of the last complete record
    std::size_t verified = 0;  ///< the end of the last fragment that verifies
};

Walk walk(Bytes log) {
    Walk walked;
    for (std::size_t at = 0;;) {
        if (block_end(at) - at < header_bytes) at = block_end(at);
        const std::optional<Fragment> fragment = find_fragment(log, at);
        if (!fragment) return walked;
        at = walked.verified = fragment->end;
        if (fragment->type == Type::whole || fragment->type == Type::last) walked.complete = at;
    }
}

/// Whether the bytes look like an interrupted write: a fragment that the end of the file cuts off,
/// or zeros at the end or in place of a sector. A flipped bit leaves none of these.
bool looks_unfinished(Bytes log, std::size_t from) {
    if (log.back() == '\0' || log.size() - from < header_bytes) return true;
    if (from + header_bytes + number_at(log, from + 4, 2) > log.size()) return true;
    for (std::size_t at = from; at < log.size();) {
        const std::size_t end = std::min((at / sector_bytes + 1) * sector_bytes, log.size());
        if (is_zero(log.substr(at, end - at))) return true;
        at = end;
    }
    return false;
}

/// At any offset, because the damage may have hit the lengths that lead to it.
bool any_verifies_after(Bytes log, std::size_t from) {
    for (std::size_t at = from; at + header_bytes <= log.size(); ++at) {
        if (find_fragment(log, at)) return true;
    }
    return false;
}

/// The offset at which the file must end; none if it is sound or nothing can be said.
std::optional<std::size_t> find_cut(Bytes log) {
    const Walk walked = walk(log);
    // The first record was synced before CURRENT named the file.
    if (walked.complete == 0 || walked.complete == log.size()) return std::nullopt;
    const bool in_record = walked.verified != walked.complete;
    // Space that was preallocated.
    if (!in_record && is_zero(log.substr(walked.complete))) return std::nullopt;
    if (walked.verified == log.size()) return walked.complete;
    if (!looks_unfinished(log, walked.verified)) return std::nullopt;
    if (any_verifies_after(log, walked.verified)) return std::nullopt;
    return walked.complete;
}

Buffer read_whole(const File& file) {
    return file.read_at(0, file.size());
}

/// The name in CURRENT; none if RocksDB would not accept it either.
std::optional<std::string> find_manifest(FileSystem& files, const std::string& directory) {
    if (!files.exists(directory + "/CURRENT")) return std::nullopt;
    std::string name =
        read_whole(*files.open(directory + "/CURRENT", OpenFile::existing_read_only));
    if (!name.starts_with("MANIFEST-") || name.back() != '\n') return std::nullopt;
    name.pop_back();
    if (name.find('/') != std::string::npos || name.find('\0') != std::string::npos ||
        !files.exists(directory + "/" + name)) {
        return std::nullopt;
    }
    return name;
}

}  // namespace

// If the tail was synced and lost its bytes later, the cut still hides nothing. If it listed a
// flush, the tree's mark is now before what the journal has recycled, and the database is refused
// by name (journal/recovery/survey.hpp); if the journal still has those commits, they are delivered
// again. Only the table file of that flush is lost to a salvage, because RocksDB removes files that
// its list lacks; therefore only a tail that looks unfinished is cut. If it listed a compaction,
// the files that this replaced are gone, and RocksDB refuses to open without them.
std::optional<UnfinishedTail> find_unfinished_tail(FileSystem& files,
                                                   const std::string& directory) {
    const std::optional<std::string> name = find_manifest(files, directory);
    if (!name) return std::nullopt;
    const Buffer log =
        read_whole(*files.open(directory + "/" + *name, OpenFile::existing_read_only));
    const std::optional<std::size_t> cut = find_cut(log);
    if (!cut) return std::nullopt;
    return UnfinishedTail{.manifest = *name, .begin = *cut, .bytes = log.size() - *cut};
}

std::optional<std::string> cut_unfinished_tail(FileSystem& files, const std::string& directory) {
    const std::optional<UnfinishedTail> tail = find_unfinished_tail(files, directory);
    if (!tail) return std::nullopt;
    const std::unique_ptr<File> file =
        files.open(directory + "/" + tail->manifest, OpenFile::existing);
    file->truncate(tail->begin);
    file->sync();
    files.sync_directory(directory);
    return fmt::format(
        "{}: {} bytes of an unfinished write at the end of {} were cut; nothing that was held "
        "was in them",
        directory, tail->bytes, tail->manifest);
}

}  // namespace amphora::rocks

#include "corruption/image.hpp"

#include "base/file.hpp"
#include "journal/segment/segment_header.hpp"
#include "journal/segment/segment_reader.hpp"

#include <sys/wait.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace amphora::corruption {
namespace {

namespace fs = std::filesystem;

/// Files that do not survive an opening: the locks, the page for observers, LMDB's table of readers, and
/// the reserve for removals on a full disk.
bool holds_nothing(const std::string& name) {
    return name.ends_with("LOCK") || name.ends_with("lock.mdb") || name.ends_with("RESERVE") ||
           name.ends_with("LIVE") || name.ends_with("OBSERVERS");
}

std::uint64_t segment_number(const std::string& bytes) {
    const auto header =
        journal::decode_header(std::string_view{bytes}.substr(0, journal::header_bytes), "");
    return header ? header->number : 0;
}

bool has_proof_of_last(const std::string& segment) {
    const auto file = operating_system_files().open(segment, OpenFile::existing_read_only);
    const auto header = journal::decode_header(file->read_at(0, journal::header_bytes), segment);
    if (!header) return false;
    journal::SegmentReader frames{*file, *header};
    Sequence last = header->prior.sequence;
    Sequence durable = header->prior.sequence;
    while (const auto frame = frames.next()) {
        if (journal::has_commits(frame->header)) last = frame->header.last();
        durable = std::max(durable, frame->header.durable);
    }
    return durable >= last;
}

}  // namespace

Image::Image(const std::string& directory, std::size_t shape, std::uint64_t seed,
             std::uint64_t transactions)
    : directory_{directory},
      shape_{shape},
      seed_{seed},
      transactions_{transactions * shapes[shape].times} {
    const Testimony built = ask_witness({"build", directory, std::to_string(seed),
                                         std::to_string(transactions_), std::to_string(shape)});
    if (built.code != 0 || built.signal != 0) {
        throw std::runtime_error{"the witness could not build " + directory};
    }
    std::uint64_t newest = 0;
    for (const auto& entry : fs::recursive_directory_iterator{directory}) {
        const std::string name = fs::relative(entry.path(), directory);
        if (!entry.is_regular_file() || holds_nothing(name) || entry.file_size() == 0) continue;
        files_.push_back(name);
        if (!name.starts_with("journal/")) continue;
        if (const std::uint64_t number = segment_number(read(name)); number > newest) {
            newest = number;
            newest_segment_ = name;
        }
    }
    proves_last_commit_ = has_proof_of_last(directory + "/" + newest_segment_);
    std::ranges::sort(files_);
    entries_ = page_entries(directory);
}

void Image::copy_to(const std::string& directory) const {
    fs::remove_all(directory);
    fs::copy(directory_, directory, fs::copy_options::recursive);
}

std::string Image::read(const std::string& file) const {
    std::ostringstream bytes;
    bytes << std::ifstream{directory_ + "/" + file, std::ios::binary}.rdbuf();
    return std::move(bytes).str();
}

Testimony ask_witness(const std::vector<std::string>& words) {
    constexpr int seconds_max = 120;
    // A signal passes through both of them.
    std::string command =
        fmt::format("exec timeout {} {}", seconds_max, AMPHORA_CORRUPTION_WITNESS);
    for (const std::string& word : words) command += " '" + word + "'";
    std::FILE* const pipe = ::popen((command + " 2>/dev/null").c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error{"popen"};
    std::string text;
    std::array<char, 4096> piece{};
    while (const std::size_t bytes = std::fread(piece.data(), 1, piece.size(), pipe)) {
        text.append(piece.data(), bytes);
    }
    const int status = ::pclose(pipe);
    Testimony testimony;
    testimony.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    testimony.code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) testimony.lines.push_back(line);
    return testimony;
}

}  // namespace amphora::corruption

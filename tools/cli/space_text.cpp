#include "cli/space_text.hpp"

#include "base/checksum.hpp"
#include "cli/output.hpp"
#include "codec/csv.hpp"

namespace amphora::cli {

namespace {

constexpr std::size_t block_bytes = 1 << 16;

/// Collects text and passes it on in larger pieces.
class Collected {
  public:
    explicit Collected(const std::function<void(std::string_view)>& sink) : sink_{sink} {}

    std::string& text() noexcept { return text_; }
    void entry_ends() {
        ++measured_.entries;
        if (text_.size() >= block_bytes) flush();
    }
    [[nodiscard]] SpaceText finish() {
        flush();
        measured_.checksum = checksum_.finish();
        return measured_;
    }

  private:
    void flush() {
        sink_(text_);
        checksum_.add(text_);
        measured_.bytes += text_.size();
        text_.clear();
    }

    const std::function<void(std::string_view)>& sink_;
    std::string text_;
    TextChecksum checksum_;
    SpaceText measured_;
};

void write_table(const Snapshot& now, const SpaceReport& table, Collected& to) {
    codec::CsvWriter writer{to.text()};
    for (const ColumnReport& column : table.columns) writer.field(column.name);
    writer.end_line();
    for (const RowView& row : now.scan(Table{table.name})) {
        for (const auto& [name, value] : to_shown(row.record(), table)) {
            if (value.is_null()) {
                writer.null();
            } else {
                writer.field(to_string(value));
            }
        }
        writer.end_line();
        to.entry_ends();
    }
}

void write_collection(const Snapshot& now, const SpaceReport& collection, Collected& to) {
    // Canonical, so that loading gives the same bytes again.
    for (const DocumentView document : now.scan(Collection{collection.name})) {
        to.text() += to_json(document, JsonFormat::canonical) + "\n";
        to.entry_ends();
    }
}

}  // namespace

void TextChecksum::add(std::string_view piece) {
    while (!piece.empty()) {
        const std::string_view taken = piece.substr(0, block_bytes - block_.size());
        block_ += taken;
        piece.remove_prefix(taken.size());
        if (block_.size() < block_bytes) return;
        checksum_ = checksum64(block_, checksum_);
        block_.clear();
    }
}

std::uint64_t TextChecksum::finish() {
    return checksum64(block_, checksum_);
}

SpaceText write_space(const Snapshot& now, const SpaceReport& space,
                      const std::function<void(std::string_view)>& sink) {
    Collected to{sink};
    if (space.is_collection) {
        write_collection(now, space, to);
    } else {
        write_table(now, space, to);
    }
    return to.finish();
}

SpaceText measure_space(const Snapshot& now, const SpaceReport& space) {
    return write_space(now, space, [](std::string_view) {});
}

}  // namespace amphora::cli

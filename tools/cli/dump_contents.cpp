#include "cli/dump_contents.hpp"

#include "loading/input_file.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <charconv>
#include <filesystem>

namespace amphora::cli {

namespace {

/// Reads the fields of dump.json. A field that is missing or of another type means that the file is
/// damaged.
class Fields {
  public:
    Fields(DocumentView document, const std::string& path) : document_{document}, path_{path} {}

    [[nodiscard]] std::string text(std::string_view name) const {
        if (const auto text = require(name).as_text()) return std::string{*text};
        refuse(name);
    }
    [[nodiscard]] std::uint64_t count(std::string_view name) const {
        const auto whole = require(name).as_int64();
        if (whole && *whole >= 0) return static_cast<std::uint64_t>(*whole);
        refuse(name);
    }
    [[nodiscard]] std::uint64_t hexadecimal(std::string_view name) const {
        const std::string digits = text(name);
        std::uint64_t number = 0;
        const auto [end, failed] =
            std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
        if (failed == std::errc{} && end == digits.data() + digits.size()) return number;
        refuse(name);
    }
    [[nodiscard]] DocumentView list(std::string_view name) const {
        if (const auto list = require(name).as_array()) return *list;
        refuse(name);
    }

  private:
    [[nodiscard]] BsonView require(std::string_view name) const {
        if (const auto value = document_.field(name)) return *value;
        refuse(name);
    }
    [[noreturn]] void refuse(std::string_view name) const {
        throw Error{ErrorCode::corrupt,
                    fmt::format("{}: the field {} is missing or is not what a dump has there; dump "
                                "the database again",
                                path_, name)};
    }

    DocumentView document_;
    const std::string& path_;
};

/// A file of a dump is in the dump's directory, even if dump.json says otherwise.
std::string require_plain_name(std::string name, const std::string& path) {
    const bool is_plain =
        !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos;
    if (is_plain) return name;
    throw Error{ErrorCode::corrupt,
                fmt::format("{}: names the file '{}', which is outside of the dump", path, name)};
}

}  // namespace

std::string to_text(const DumpContents& contents) {
    Array files;
    for (const DumpedFile& file : contents.files) {
        files.append(Document{{"name", file.name},
                              {"kind", file.is_collection ? "collection" : "table"},
                              {"file", file.file},
                              {"entries", static_cast<std::int64_t>(file.text.entries)},
                              {"bytes", static_cast<std::int64_t>(file.text.bytes)},
                              {"checksum", fmt::format("{:016x}", file.text.checksum)}});
    }
    const Document document{
        {"amphora_dump", DumpContents::format}, {"schema", DumpContents::schema}, {"files", files}};
    return to_json(document, JsonFormat::relaxed, JsonLayout::indented) + "\n";
}

DumpContents read_dump_contents(const std::string& directory) {
    const std::string path = fmt::format("{}/{}", directory, DumpContents::name);
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("{} is not a dump: it holds no file {}; amphora dump DATABASE "
                                "--output DIRECTORY makes one",
                                directory, DumpContents::name)};
    }
    Document document;
    try {
        document = Document::from_json(loading::read_all(path));
    } catch (const Error& error) {
        if (error.code() == ErrorCode::io_error) throw;
        throw Error{ErrorCode::corrupt, fmt::format("{}: {}", path, error.what())};
    }
    const Fields whole{document, path};
    const std::uint64_t format = whole.count("amphora_dump");
    if (format > DumpContents::format) {
        throw Error{ErrorCode::newer_format,
                    fmt::format("{}: has format {}, this version reads up to {}", path, format,
                                DumpContents::format)};
    }
    DumpContents contents;
    for (const Element& element : whole.list("files")) {
        const std::optional<DocumentView> file = element.value.as_document();
        if (!file) throw Error{ErrorCode::corrupt, path + ": the files are not documents"};
        const Fields fields{*file, path};
        contents.files.push_back({.name = fields.text("name"),
                                  .is_collection = fields.text("kind") == "collection",
                                  .file = require_plain_name(fields.text("file"), path),
                                  .text = {.entries = fields.count("entries"),
                                           .bytes = fields.count("bytes"),
                                           .checksum = fields.hexadecimal("checksum")}});
    }
    return contents;
}

}  // namespace amphora::cli

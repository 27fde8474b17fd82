#include "loading/json_file.hpp"
#include "loading/line_error.hpp"
#include "loading/loader.hpp"

#include <amphora/error.hpp>

#include <utility>

namespace amphora::loading {

namespace {

struct NumberedDocument {
    std::uint64_t line = 0;
    Document document;
};

}  // namespace

LoadReport load_json(Database& database, const Collection& collection, const std::string& path,
                     const LoadOptions& options) {
    Rejections rejections{options.rejections_max};
    JsonFile file{path, rejections, options.json};
    LoadReport report;
    std::vector<NumberedDocument> batch;
    std::uint64_t lines = 0;
    const auto write = [&] {
        if (batch.empty()) return;
        database.write([&](Transaction& tx) {
            for (const NumberedDocument& entry : batch) {
                try {
                    tx.insert(collection, entry.document);
                    ++report.loaded;
                } catch (const Error& error) {
                    if (!is_about_the_line(error.code())) throw;
                    rejections.add(entry.line, error.what());
                }
            }
        });
        batch.clear();
        if (options.progress) options.progress(file.bytes_read(), lines);
    };
    while (auto document = file.next()) {
        ++lines;
        batch.push_back({file.line(), std::move(*document)});
        if (batch.size() >= options.batch_lines) write();
    }
    write();
    report.bytes = file.bytes_read();
    report.rejected = rejections.count();
    report.rejections = rejections.kept();
    return report;
}

}  // namespace amphora::loading

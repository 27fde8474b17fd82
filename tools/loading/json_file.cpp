#include "loading/json_file.hpp"

#include "codec/json/documents.hpp"
#include "loading/input_file.hpp"
#include "loading/line_error.hpp"

#include <amphora/error.hpp>

namespace amphora::loading {

class JsonFile::Reading {
  public:
    Reading(const std::string& path, Rejections& refused, const JsonOptions& options)
        : rejections{refused},
          file{path},
          documents{[this](char* to, std::size_t bytes) { return file.read(to, bytes); }, options} {
    }

    Rejections& rejections;
    InputFile file;
    codec::JsonDocuments documents;
};

JsonFile::JsonFile(const std::string& path, Rejections& rejections, const JsonOptions& options)
    : reading_{std::make_unique<Reading>(path, rejections, options)} {}
JsonFile::~JsonFile() = default;

std::optional<Document> JsonFile::next() {
    for (;;) {
        try {
            return reading_->documents.next();
        } catch (const Error& error) {
            if (!is_about_the_line(error.code())) throw;
            reading_->rejections.add(reading_->documents.line(), error.what());
        }
    }
}

std::uint64_t JsonFile::line() const noexcept {
    return reading_->documents.line();
}
std::uint64_t JsonFile::bytes() const noexcept {
    return reading_->file.size();
}
std::uint64_t JsonFile::bytes_read() const noexcept {
    return reading_->documents.bytes();
}

}  // namespace amphora::loading

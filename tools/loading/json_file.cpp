#include "loading/json_file.hpp"

#include "codec/json_documents.hpp"
#include "loading/input_file.hpp"

#include <amphora/error.hpp>

namespace amphora::loading {

class JsonFile::Reading {
  public:
    explicit Reading(const std::string& path)
        : file{path}, documents{[this](char* to, std::size_t bytes) {
              return file.read(to, bytes);
          }} {}

    InputFile file;
    codec::JsonDocuments documents;
    std::vector<Rejection> rejections;
};

JsonFile::JsonFile(const std::string& path) : reading_{std::make_unique<Reading>(path)} {}
JsonFile::~JsonFile() = default;

std::optional<Document> JsonFile::next() {
    for (;;) {
        try {
            return reading_->documents.next();
        } catch (const Error& error) {
            // A document too large or too deep is as much the line's fault as bad JSON.
            if (error.code() == ErrorCode::io_error) throw;
            reading_->rejections.push_back({reading_->documents.line(), error.what()});
        }
    }
}

std::uint64_t JsonFile::line() const noexcept {
    return reading_->documents.line();
}
const std::vector<Rejection>& JsonFile::rejections() const noexcept {
    return reading_->rejections;
}
std::uint64_t JsonFile::bytes() const noexcept {
    return reading_->file.size();
}
std::uint64_t JsonFile::bytes_read() const noexcept {
    return reading_->documents.bytes();
}

}  // namespace amphora::loading

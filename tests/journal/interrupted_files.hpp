#pragma once

#include "base/file.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace amphora::journal {

/// Files that another process changes while they are read: before each call, and between the two
/// parts of each reading, `interrupt` is called. It may do anything with the files below.
class InterruptedFiles final : public FileSystem {
  public:
    /// `part_of(bytes)`: how many of the bytes of a reading come before the interruption.
    using PartOf = std::function<std::size_t(std::size_t)>;
    InterruptedFiles(FileSystem& below, std::function<void()> interrupt, PartOf part_of)
        : below_{below}, interrupt_{std::move(interrupt)}, part_of_{std::move(part_of)} {}

    std::unique_ptr<amphora::File> open(const std::string& path, OpenFile how) override {
        interrupt_();
        return std::make_unique<Interrupted>(*this, below_.open(path, how));
    }
    bool exists(const std::string& path) const override {
        interrupt_();
        return below_.exists(path);
    }
    std::vector<std::string> list(const std::string& directory) const override {
        interrupt_();
        return below_.list(directory);
    }
    void make_directory(const std::string& path) override { below_.make_directory(path); }
    void rename(const std::string& from, const std::string& to) override {
        below_.rename(from, to);
    }
    void remove(const std::string& path) override { below_.remove(path); }
    void sync_directory(const std::string& path) override { below_.sync_directory(path); }
    std::uint64_t free_bytes(const std::string& path) const override {
        return below_.free_bytes(path);
    }

  private:
    class Interrupted final : public amphora::File {
      public:
        Interrupted(const InterruptedFiles& files, std::unique_ptr<amphora::File> below)
            : files_{files}, below_{std::move(below)} {}
        Buffer read_at(std::uint64_t offset, std::size_t bytes) const override {
            files_.interrupt_();
            const std::size_t part = files_.part_of_(bytes);
            Buffer found = below_->read_at(offset, part);
            files_.interrupt_();
            if (found.size() == part) found += below_->read_at(offset + part, bytes - part);
            return found;
        }
        void write_at(std::uint64_t offset, Bytes bytes) override {
            below_->write_at(offset, bytes);
        }
        void sync() override { below_->sync(); }
        void truncate(std::uint64_t bytes) override { below_->truncate(bytes); }
        std::uint64_t size() const override {
            files_.interrupt_();
            return below_->size();
        }
        const std::string& path() const noexcept override { return below_->path(); }

      private:
        const InterruptedFiles& files_;
        std::unique_ptr<amphora::File> below_;
    };

    FileSystem& below_;
    std::function<void()> interrupt_;
    PartOf part_of_;
};

}  // namespace amphora::journal

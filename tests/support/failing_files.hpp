#pragma once

#include "base/file.hpp"

#include <amphora/error.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace amphora::support {

/// Passes every call on, and makes the n-th of one kind fail, once. A write that fails has done
/// half of its work. Any thread may call.
class FailingFiles final : public FileSystem {
  public:
    enum class Call : std::uint8_t {
        open,
        read,
        write,
        sync,
        size,
        list,
        make_directory,
        rename,
        remove,
        sync_directory,
        free_bytes,
    };

    explicit FailingFiles(FileSystem& below) : below_{below} {}

    /// The `nth` call from now (1 is the next one).
    void fail(Call call, std::uint64_t nth, ErrorCode code) {
        const std::lock_guard lock{mutex_};
        planned_ = Plan{call, nth, code};
        has_failed_ = false;
    }
    [[nodiscard]] bool has_failed() const {
        const std::lock_guard lock{mutex_};
        return has_failed_;
    }

    std::unique_ptr<File> open(const std::string& path, OpenFile how) override {
        count(Call::open, path);
        return std::make_unique<Handle>(*this, below_.open(path, how));
    }
    bool exists(const std::string& path) const override { return below_.exists(path); }
    std::vector<std::string> list(const std::string& directory) const override {
        count(Call::list, directory);
        return below_.list(directory);
    }
    void make_directory(const std::string& path) override {
        count(Call::make_directory, path);
        below_.make_directory(path);
    }
    void rename(const std::string& from, const std::string& to) override {
        count(Call::rename, from);
        below_.rename(from, to);
    }
    void remove(const std::string& path) override {
        count(Call::remove, path);
        below_.remove(path);
    }
    void sync_directory(const std::string& path) override {
        count(Call::sync_directory, path);
        below_.sync_directory(path);
    }
    std::uint64_t free_bytes(const std::string& path) const override {
        count(Call::free_bytes, path);
        return below_.free_bytes(path);
    }

  private:
    struct Plan {
        Call call;
        std::uint64_t left;
        ErrorCode code;
    };

    class Handle final : public File {
      public:
        Handle(const FailingFiles& files, std::unique_ptr<File> below)
            : files_{files}, below_{std::move(below)} {}

        Buffer read_at(std::uint64_t offset, std::size_t bytes) const override {
            files_.count(Call::read, path());
            return below_->read_at(offset, bytes);
        }
        void write_at(std::uint64_t offset, Bytes bytes) override {
            try {
                files_.count(Call::write, path());
            } catch (const Error&) {
                below_->write_at(offset, bytes.substr(0, bytes.size() / 2));
                throw;
            }
            below_->write_at(offset, bytes);
        }
        void sync() override {
            files_.count(Call::sync, path());
            below_->sync();
        }
        void truncate(std::uint64_t bytes) override {
            files_.count(Call::size, path());
            below_->truncate(bytes);
        }
        std::uint64_t size() const override {
            files_.count(Call::size, path());
            return below_->size();
        }
        const std::string& path() const noexcept override { return below_->path(); }

      private:
        const FailingFiles& files_;
        std::unique_ptr<File> below_;
    };

    void count(Call call, const std::string& path) const {
        const std::lock_guard lock{mutex_};
        if (!planned_ || planned_->call != call || --planned_->left > 0) return;
        const ErrorCode code = planned_->code;
        planned_.reset();
        has_failed_ = true;
        throw Error{code, path + ": an injected failure"};
    }

    FileSystem& below_;
    mutable std::mutex mutex_;
    mutable std::optional<Plan> planned_;
    mutable bool has_failed_ = false;
};

}  // namespace amphora::support

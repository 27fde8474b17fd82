#pragma once

#include "base/file.hpp"

#include <amphora/error.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

/// A disk in memory that keeps only what it promised to keep.
///
/// Everything has two states: as programs see it (the page cache), and as the platter has it. A
/// sync moves a file's blocks to the platter, a directory sync its names. A power cut leaves any
/// part, in any order, of what was not synced: a block of 4096 bytes in its old state, in one of
/// the states it has been in since, as a mixture by sectors of 512 bytes, or with sectors of
/// garbage; a name before or after. A failed sync leaves blocks that look written and are not (as
/// on Linux: the pages count as clean).
///
/// `fail_at(n, ...)` gives the n-th change from now its fate. After a cut or a kill every further
/// call throws `io_error`, until `restart`. All random choices come from the seed. Any thread may
/// call.
namespace amphora::support {

enum class Fate : std::uint8_t {
    power_cut,    ///< what is not synced is lost in part
    kill,         ///< the process ends; the page cache stays
    write_error,  ///< EIO from the next write
    sync_error,   ///< EIO from the next sync
    disk_full,    ///< ENOSPC from the next write or creation
};

class LossyDisk final : public FileSystem {
  public:
    static constexpr std::size_t block_bytes = 4096;
    static constexpr std::size_t sector_bytes = 512;

    explicit LossyDisk(std::uint64_t seed) : random_{seed} {}

    // For tests.

    /// Gives the `changes`-th change from now (1 is the next one) this fate.
    void fail_at(std::uint64_t changes, Fate fate) {
        const std::lock_guard lock{mutex_};
        planned_ = Plan{changes_ + changes, fate};
    }
    void plan_nothing() {
        const std::lock_guard lock{mutex_};
        planned_.reset();
    }
    /// Ends the machine or the process now.
    void stop(Fate fate) {
        const std::lock_guard lock{mutex_};
        stopped_ = fate;
    }
    [[nodiscard]] bool stopped() const {
        const std::lock_guard lock{mutex_};
        return stopped_.has_value();
    }
    [[nodiscard]] std::optional<Fate> fate() const {
        const std::lock_guard lock{mutex_};
        return stopped_;
    }
    /// Boots: loses what must be lost, and lets calls succeed again.
    void restart() {
        const std::lock_guard lock{mutex_};
        if (stopped_ == Fate::power_cut) lose();
        stopped_.reset();
        planned_.reset();
    }
    /// The most bytes of all files together.
    void set_capacity(std::uint64_t bytes) {
        const std::lock_guard lock{mutex_};
        capacity_ = bytes;
    }
    [[nodiscard]] std::uint64_t changes() const {
        const std::lock_guard lock{mutex_};
        return changes_;
    }
    [[nodiscard]] std::uint64_t syncs() const {
        const std::lock_guard lock{mutex_};
        return syncs_;
    }
    /// Called before each sync of a file, without the disk's lock: a test may hold a sync up here.
    void on_sync(std::function<void()> call) {
        const std::lock_guard lock{mutex_};
        on_sync_ = std::move(call);
    }
    /// Changes bytes without any call of the engine, in both states.
    void damage(const std::string& path, std::uint64_t offset, Bytes bytes) {
        const std::lock_guard lock{mutex_};
        Node& node = *find(path);
        for (Buffer* content : {&node.seen, &node.kept}) {
            if (content->size() < offset + bytes.size()) {
                content->resize(offset + bytes.size(), '\0');
            }
            content->replace(offset, bytes.size(), bytes);
        }
    }
    [[nodiscard]] Buffer content(const std::string& path) const {
        const std::lock_guard lock{mutex_};
        return find(path)->seen;
    }
    /// Everything as programs see it, to compare it or to return to it.
    [[nodiscard]] std::map<std::string, Buffer> image() const {
        const std::lock_guard lock{mutex_};
        std::map<std::string, Buffer> files;
        for (const auto& [path, node] : seen_names_) files.emplace(path, node->seen);
        return files;
    }
    void load(const std::map<std::string, Buffer>& files) {
        const std::lock_guard lock{mutex_};
        seen_names_.clear();
        for (const auto& [path, bytes] : files) {
            auto node = std::make_shared<Node>();
            node->seen = node->kept = bytes;
            seen_names_.emplace(path, std::move(node));
        }
        kept_names_ = seen_names_;
        name_changes_.clear();
    }

    // For programs.

    std::unique_ptr<File> open(const std::string& path, OpenFile how) override {
        const std::lock_guard lock{mutex_};
        require_running("open", path);
        if (how != OpenFile::create_new) {
            return std::make_unique<Handle>(*this, find(path), path, how);
        }
        if (seen_names_.contains(path)) {
            throw Error{ErrorCode::io_error, "open " + path + ": File exists"};
        }
        change("open", path, {Fate::disk_full});
        auto node = std::make_shared<Node>();
        rename_to({}, path, node);
        return std::make_unique<Handle>(*this, std::move(node), path, how);
    }

    bool exists(const std::string& path) const override {
        const std::lock_guard lock{mutex_};
        require_running("stat", path);
        return seen_names_.contains(path) || directories_.contains(path);
    }

    std::vector<std::string> list(const std::string& directory) const override {
        const std::lock_guard lock{mutex_};
        require_running("opendir", directory);
        std::vector<std::string> names;
        for (const auto& [path, node] : seen_names_) {
            if (parent_of(path) == directory) names.push_back(path.substr(directory.size() + 1));
        }
        return names;
    }

    void make_directory(const std::string& path) override {
        const std::lock_guard lock{mutex_};
        directories_.insert(path);
    }

    void rename(const std::string& from, const std::string& to) override {
        const std::lock_guard lock{mutex_};
        require_running("rename", from);
        auto node = find(from);
        change("rename", from, {});
        rename_to(from, to, node);
    }

    void remove(const std::string& path) override {
        const std::lock_guard lock{mutex_};
        require_running("remove", path);
        (void)find(path);
        change("remove", path, {});
        rename_to(path, {}, nullptr);
    }

    void sync_directory(const std::string& path) override {
        const std::lock_guard lock{mutex_};
        require_running("fsync", path);
        change("fsync", path, {Fate::sync_error});
        std::erase_if(name_changes_, [&](const NameChange& name) {
            const bool here = parent_of(name.from.empty() ? name.to : name.from) == path;
            if (here) apply(kept_names_, name);
            return here;
        });
    }

    std::uint64_t free_bytes(const std::string& path) const override {
        const std::lock_guard lock{mutex_};
        require_running("statvfs", path);
        const std::uint64_t used = used_bytes();
        return used < capacity_ ? capacity_ - used : 0;
    }

  private:
    /// The possible states of a block after a power cut: those it had since the last sync.
    using States = std::vector<Buffer>;

    struct Node {
        Buffer seen;
        Buffer kept;
        std::map<std::size_t, States> dirty;  ///< by block
        std::set<std::size_t> lost;  ///< blocks whose sync failed: seen, not kept, not dirty
    };
    using Names = std::map<std::string, std::shared_ptr<Node>>;

    struct NameChange {
        std::string from, to;  ///< either may be empty: creation, removal
        std::shared_ptr<Node> node;
    };
    struct Plan {
        std::uint64_t change;
        Fate fate;
    };

    class Handle final : public File {
      public:
        Handle(LossyDisk& disk, std::shared_ptr<Node> node, std::string path, OpenFile how)
            : disk_{disk}, node_{std::move(node)}, path_{std::move(path)}, how_{how} {}

        Buffer read_at(std::uint64_t offset, std::size_t bytes) const override {
            const std::lock_guard lock{disk_.mutex_};
            disk_.require_running("pread", path_);
            if (offset >= node_->seen.size()) return {};
            return node_->seen.substr(static_cast<std::size_t>(offset), bytes);
        }
        void write_at(std::uint64_t offset, Bytes bytes) override {
            const std::lock_guard lock{disk_.mutex_};
            disk_.write(*node_, path_, how_, static_cast<std::size_t>(offset), bytes);
        }
        void sync() override {
            std::function<void()> call;
            {
                const std::lock_guard lock{disk_.mutex_};
                call = disk_.on_sync_;
            }
            if (call) call();
            const std::lock_guard lock{disk_.mutex_};
            disk_.sync(*node_, path_);
        }
        void truncate(std::uint64_t bytes) override {
            const std::lock_guard lock{disk_.mutex_};
            disk_.require_running("ftruncate", path_);
            disk_.change("ftruncate", path_, {});
            node_->seen.resize(static_cast<std::size_t>(bytes), '\0');
        }
        std::uint64_t size() const override {
            const std::lock_guard lock{disk_.mutex_};
            disk_.require_running("fstat", path_);
            return node_->seen.size();
        }
        const std::string& path() const noexcept override { return path_; }

      private:
        LossyDisk& disk_;
        std::shared_ptr<Node> node_;
        std::string path_;
        OpenFile how_;
    };

    [[noreturn]] static void refuse(const char* call, const std::string& path, const char* reason,
                                    ErrorCode code = ErrorCode::io_error) {
        throw Error{code, std::string(call) + " " + path + ": " + reason};
    }
    void require_running(const char* call, const std::string& path) const {
        if (stopped_) refuse(call, path, "the power is off");
    }

    /// Counts a change; throws if its fate has come. `errors` are the errors this call can have.
    void change(const char* call, const std::string& path, std::initializer_list<Fate> errors) {
        ++changes_;
        if (!planned_ || changes_ < planned_->change) return;
        const Fate fate = planned_->fate;
        if (fate == Fate::power_cut || fate == Fate::kill) {
            planned_.reset();
            stopped_ = fate;
            refuse(call, path, "the power is off");
        }
        if (std::find(errors.begin(), errors.end(), fate) == errors.end()) {
            return;  // the next that can
        }
        planned_.reset();
        if (fate == Fate::disk_full) {
            refuse(call, path, "No space left on device", ErrorCode::disk_full);
        }
        refuse(call, path, "Input/output error");
    }

    std::shared_ptr<Node> find(const std::string& path) const {
        const auto found = seen_names_.find(path);
        if (found == seen_names_.end()) refuse("open", path, "No such file or directory");
        return found->second;
    }

    void write(Node& node, const std::string& path, OpenFile how, std::size_t offset, Bytes bytes) {
        require_running("pwrite", path);
        if (how == OpenFile::existing_read_only) refuse("pwrite", path, "Bad file descriptor");
        const std::size_t end = offset + bytes.size();
        const std::size_t growth = end > node.seen.size() ? end - node.seen.size() : 0;
        if (growth > 0 && used_bytes() + growth > capacity_) {
            refuse("pwrite", path, "No space left on device", ErrorCode::disk_full);
        }
        try {
            change("pwrite", path, {Fate::write_error, Fate::disk_full});
        } catch (const Error&) {
            // The call may have done its work, or a part of it, before the end.
            put(node, offset, bytes.substr(0, random_() % (bytes.size() + 1)));
            throw;
        }
        put(node, offset, bytes);
    }

    void put(Node& node, std::size_t offset, Bytes bytes) {
        if (bytes.empty()) return;
        const std::size_t end = offset + bytes.size();
        if (node.seen.size() < end) node.seen.resize(end, '\0');
        node.seen.replace(offset, bytes.size(), bytes);
        for (std::size_t block = offset / block_bytes; block * block_bytes < end; ++block) {
            node.dirty[block].push_back(block_of(node.seen, block));
        }
    }

    void sync(Node& node, const std::string& path) {
        require_running("fdatasync", path);
        ++syncs_;
        try {
            change("fdatasync", path, {Fate::sync_error});
        } catch (const Error&) {
            if (stopped_ == Fate::kill) throw;
            // Some blocks arrived, the others are lost. In a power cut they are only dirty.
            if (!stopped_) {
                for (const auto& [block, states] : node.dirty) {
                    if (random_() % 2 == 0) keep(node, block, states.back());
                }
                node.dirty.clear();
            }
            throw;
        }
        for (const auto& [block, states] : node.dirty) keep(node, block, states.back());
        node.dirty.clear();
        if (node.kept.size() != node.seen.size()) node.kept.resize(node.seen.size(), '\0');
    }

    static Buffer block_of(const Buffer& content, std::size_t block) {
        Buffer bytes = block * block_bytes < content.size()
                           ? content.substr(block * block_bytes, block_bytes)
                           : Buffer{};
        bytes.resize(block_bytes, '\0');
        return bytes;
    }

    static void keep(Node& node, std::size_t block, Bytes bytes) {
        const std::size_t end = (block + 1) * block_bytes;
        if (node.kept.size() < end) node.kept.resize(end, '\0');
        node.kept.replace(block * block_bytes, block_bytes, bytes);
    }

    void lose() {
        for (const NameChange& name : name_changes_) {
            if (random_() % 2 == 0) apply(kept_names_, name);
        }
        name_changes_.clear();
        for (auto& [path, node] : kept_names_) {
            for (auto& [block, states] : node->dirty) lose_dirty(*node, block, states);
            node->dirty.clear();
            if (random_() % 2 == 0 && node->kept.size() < node->seen.size()) {
                node->kept.resize(node->seen.size(), '\0');
            }
            node->seen = node->kept;
        }
        seen_names_ = kept_names_;
    }

    void lose_dirty(Node& node, std::size_t block, States& states) {
        const Buffer old = block_of(node.kept, block);
        states.push_back(old);
        const std::uint64_t dice = random_() % 8;
        if (dice < 3) return;  // it never arrived
        if (dice < 6) return keep(node, block, states[random_() % states.size()]);
        Buffer torn = old;
        for (std::size_t sector = 0; sector < block_bytes; sector += sector_bytes) {
            const Buffer& from = states[random_() % states.size()];
            torn.replace(sector, sector_bytes, from, sector, sector_bytes);
            if (dice == 7 && random_() % 4 == 0) {
                torn.replace(sector, sector_bytes, sector_bytes, static_cast<char>(random_() | 1));
            }
        }
        keep(node, block, torn);
    }

    void rename_to(const std::string& from, const std::string& to,
                   const std::shared_ptr<Node>& node) {
        name_changes_.push_back({from, to, node});
        apply(seen_names_, name_changes_.back());
    }
    static void apply(Names& names, const NameChange& change) {
        if (!change.from.empty()) names.erase(change.from);
        if (!change.to.empty()) names[change.to] = change.node;
    }
    static std::string parent_of(const std::string& path) {
        return path.substr(0, path.rfind('/'));
    }

    std::uint64_t used_bytes() const {
        std::uint64_t used = 0;
        for (const auto& [path, node] : seen_names_) used += node->seen.size();
        return used;
    }

    mutable std::mutex mutex_;
    std::mt19937_64 random_;
    Names seen_names_, kept_names_;
    std::vector<NameChange> name_changes_;
    std::set<std::string> directories_;
    std::optional<Plan> planned_;
    std::optional<Fate> stopped_;
    std::uint64_t changes_ = 0;
    std::uint64_t syncs_ = 0;
    std::uint64_t capacity_ = 1ull << 40;
    std::function<void()> on_sync_;
};

}  // namespace amphora::support

#include "tree/lmdb/online_copy.hpp"

#include "base/file.hpp"
#include "base/started_thread.hpp"
#include "base/system_error.hpp"
#include "tree/lmdb/file_check.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <thread>

namespace amphora::lmdb {

namespace {

constexpr std::size_t piece_bytes = 1u << 20;

/// LMDB copies into a descriptor. Through a pipe, the copy is written by FileSystem, and can be
/// counted and stopped.
class Pipe {
  public:
    Pipe() {
        if (::pipe2(ends_.data(), O_CLOEXEC) != 0) throw_system_error("pipe2", "a copy");
        static_cast<void>(::fcntl(ends_[1], F_SETPIPE_SZ, piece_bytes));  // only for speed
    }
    ~Pipe() {
        close_reading();
        close_writing();
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    [[nodiscard]] int writing() const noexcept { return ends_[1]; }
    void close_reading() noexcept { close(ends_[0]); }
    void close_writing() noexcept { close(ends_[1]); }

    /// Empty at the end.
    [[nodiscard]] Bytes read(Buffer& room) const {
        for (;;) {
            const ssize_t got = ::read(ends_[0], room.data(), room.size());
            if (got >= 0) return Bytes(room).substr(0, static_cast<std::size_t>(got));
            if (errno != EINTR) throw_system_error("read", "a copy");
        }
    }

  private:
    static void close(int& end) noexcept {
        if (end >= 0) ::close(end);
        end = -1;
    }
    std::array<int, 2> ends_{-1, -1};
};

/// A write to a pipe that nobody reads any more must fail with an error, and not kill the process.
void block_broken_pipe_signal() noexcept {
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void drain(const Pipe& pipe, File& target, const Copied& copied) {
    Buffer room(piece_bytes, '\0');
    std::uint64_t at = 0;
    for (Bytes piece = pipe.read(room); !piece.empty(); piece = pipe.read(room)) {
        target.write_at(at, piece);
        at += piece.size();
        copied(piece.size());
    }
}

}  // namespace

void copy_online(Environment& environment, const std::string& directory, const Copied& copied) {
    FileSystem& files = operating_system_files();
    files.make_directory(directory);
    const auto target = files.open(data_path(directory), OpenFile::create_new);
    Pipe pipe;
    int outcome = MDB_SUCCESS;
    std::jthread copying = start_thread("a copy", [&] {
        block_broken_pipe_signal();
        outcome = mdb_env_copyfd2(environment.handle(), pipe.writing(), 0);
        pipe.close_writing();
    });
    try {
        drain(pipe, *target, copied);
    } catch (...) {
        pipe.close_reading();
        copying.join();
        throw;
    }
    copying.join();
    throw_if_failed(outcome, "copying it", environment.path());
    target->sync();
    files.sync_directory(directory);
}

}  // namespace amphora::lmdb

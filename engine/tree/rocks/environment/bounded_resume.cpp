#include "tree/rocks/environment/bounded_resume.hpp"

#include "base/started_thread.hpp"

#include <rocksdb/convenience.h>

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

namespace amphora::rocks {

rocksdb::Status resume_within(rocksdb::DB& database, std::chrono::milliseconds time) {
    // Ends, and is joined, when this function is left.
    const auto watch = start_thread("a recovery", [&database, time](const std::stop_token& over) {
        std::mutex mutex;
        std::unique_lock lock{mutex};
        std::condition_variable_any never;
        never.wait_for(lock, over, time, [] { return false; });
        if (over.stop_requested()) return;
        // Otherwise shutting down begins with the flush that never ends.
        static_cast<void>(database.SetDBOptions({{"avoid_flush_during_shutdown", "true"}}));
        rocksdb::CancelAllBackgroundWork(&database, false);
    });
    return database.Resume();
}

}  // namespace amphora::rocks

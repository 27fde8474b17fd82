#pragma once

#include <string_view>

/// RocksDB keeps its threads for the life of the process, and a forked child does not inherit them:
/// the first flush of a tree that is opened in such a child would wait for ever.
namespace amphora::rocks {

/// RocksDB starts threads in this process from now on.
void note_threads_started();

/// Throws `used_after_fork` in a child that was forked after `note_threads_started`. Changes
/// nothing. Called before anything is made on the disk.
void require_living_threads(std::string_view where);

}  // namespace amphora::rocks

#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Named breakages of the engine, kept as edits of its sources.
///
/// A `.mutants` file holds breakages of this form, separated by empty lines:
///
///     # Lines that begin so are comments.
///     breakage: JOURNAL_SYNC_SKIPPED
///     story: a synced commit is acknowledged without its sync
///     test: test_journal LossyDiskTest.*
///     edit: engine/journal/segment/active_segment.cpp
///      void ActiveSegment::sync() {
///     -    file_->sync();
///      }
///
/// What follows `edit:` is a hunk of a unified diff without line numbers: each line begins with ' '
/// (stays), '-' (goes) or '+' (comes). The lines that stay and go, together, must occur exactly
/// once in the file. An empty line inside a hunk is an empty line that stays; empty lines at its
/// end do not count. `edit:` may be repeated. `hangs: yes` says that the test never ends with the
/// breakage.
namespace amphora::mutants {

struct Edit {
    std::string path;  // relative to the root of the sources
    std::string found;
    std::string replacement;
};

struct Breakage {
    std::string name;
    std::string story;
    std::string target;  // the test binary to build
    std::string filter;  // for --gtest_filter
    bool hangs = false;
    std::vector<Edit> edits;
};

/// Throws std::runtime_error, with `name` and the line, for text that is not of the form above.
std::vector<Breakage> parse(std::string_view text, const std::string& name);

/// Those of all `.mutants` files in a directory, file by file in the order of their names. Throws
/// like `parse`, and where two have the same name.
std::vector<Breakage> read_all(const std::string& directory);

/// The text with one edit applied. Throws std::runtime_error if the lines to be found occur never
/// or more than once.
std::string applied(const Edit& edit, const std::string& text);

}  // namespace amphora::mutants

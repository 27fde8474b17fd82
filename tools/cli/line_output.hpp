#pragma once

#include <string>
#include <string_view>

namespace amphora::cli {

/// Lines on the standard output, each of which is passed on at once.
///
/// A closed pipe is no error: `amphora watch db | head` ends when `head` has seen enough. So while
/// one of these is alive, SIGPIPE is ignored.
class LineOutput {
  public:
    LineOutput();
    ~LineOutput();
    LineOutput(const LineOutput&) = delete;
    LineOutput& operator=(const LineOutput&) = delete;

    /// False if nobody reads the output any more. Throws `io_error` where the operating system
    /// refuses the line for another reason.
    [[nodiscard]] bool write(std::string_view line);

  private:
    void (*before_)(int);  ///< what SIGPIPE did
    std::string buffer_;
};

}  // namespace amphora::cli

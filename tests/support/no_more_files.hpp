#pragma once

#include <sys/resource.h>

#include <cstdlib>

namespace amphora::support {

/// While it lives, the process can open no file: each attempt is EMFILE. What is open stays open.
class NoMoreFiles {
  public:
    NoMoreFiles() {
        if (::getrlimit(RLIMIT_NOFILE, &usual_) != 0) std::abort();
        set(0);
    }
    ~NoMoreFiles() { set(usual_.rlim_cur); }
    NoMoreFiles(const NoMoreFiles&) = delete;
    NoMoreFiles& operator=(const NoMoreFiles&) = delete;

  private:
    void set(rlim_t files) const {
        const rlimit limit{.rlim_cur = files, .rlim_max = usual_.rlim_max};
        if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) std::abort();
    }

    rlimit usual_{};
};

}  // namespace amphora::support

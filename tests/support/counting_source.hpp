#pragma once

#include "document/query/document_source.hpp"

#include <amphora/document.hpp>

#include <cstddef>
#include <string>

namespace amphora::support {

/// Produces {"n": 1}, {"n": 2} and so on. None of them is stored anywhere.
class CountingSource final : public document::DocumentSource {
  public:
    explicit CountingSource(int last) : last_{last} {}

    [[nodiscard]] bool next() override {
        ++asked;
        if (n_ == last_) return false;
        current_ = Document{{"n", ++n_}};
        return true;
    }
    [[nodiscard]] DocumentView document() const override { return current_.view(); }
    [[nodiscard]] std::string explain() const override {
        return "counts to " + std::to_string(last_);
    }

    std::size_t asked = 0;  ///< calls of `next`

  private:
    int last_;
    int n_ = 0;
    Document current_;
};

}  // namespace amphora::support

#pragma once

#include "tree/lmdb/foreign/foreign_tree.hpp"
#include "tree/trees.hpp"

#include <amphora/error.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <string>

/// Reading a tree as another process does, in the tests.
namespace amphora::tree::testing {

/// Asks the test at every reading. The test may throw, and may change the file first.
class AskedValidity final : public lmdb::Validity {
  public:
    explicit AskedValidity(std::function<void()> ask = [] {}) : ask_{std::move(ask)} {}
    void require() const override { ask_(); }

  private:
    std::function<void()> ask_;
};

[[noreturn]] inline void expire() {
    throw Error{ErrorCode::snapshot_expired, "the pages of the view can have been reused"};
}

inline lmdb::ValidityOf always() {
    return [](std::uint64_t) { return std::make_shared<const AskedValidity>(); };
}
inline lmdb::ValidityOf asking(std::function<void()> ask) {
    return [ask](std::uint64_t) { return std::make_shared<const AskedValidity>(ask); };
}

/// Shows the newest view.
inline std::unique_ptr<lmdb::ForeignTree> look_at(const std::string& directory,
                                                  const lmdb::ValidityOf& validity_of = always(),
                                                  const lmdb::ForeignOptions& options = {}) {
    auto tree = lmdb::open_foreign(directory, identity_of(7), options);
    tree->show(tree->take(validity_of));
    return tree;
}

}  // namespace amphora::tree::testing

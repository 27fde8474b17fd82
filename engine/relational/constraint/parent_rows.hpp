#pragma once

#include "catalog/definition/parent_store.hpp"

namespace amphora::relational {

/// The relational store as the document store sees it. Has no state.
class ParentRows final : public catalog::ParentStore {
  public:
    [[nodiscard]] bool has_row(const transaction::Reading& reading, const catalog::Table& parent,
                               std::span<const Cell> parent_key) const override;
};

}  // namespace amphora::relational

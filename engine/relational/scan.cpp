#include "relational/scan.hpp"

#include "base/assert.hpp"
#include "relational/plan.hpp"
#include "relational/walk.hpp"

namespace amphora::relational {

RowScan::RowScan(std::unique_ptr<Walk> walk) noexcept : walk_{std::move(walk)} {}
RowScan::RowScan(RowScan&&) noexcept = default;
RowScan& RowScan::operator=(RowScan&&) noexcept = default;
RowScan::~RowScan() = default;

bool RowScan::next() {
    return walk_->next();
}

Row RowScan::row() const {
    return walk_->row();
}

RowScan scan(const transaction::Reading& reading, const BoundTable& table, const Scan& scan) {
    return RowScan{
        std::make_unique<Walk>(reading, table, plan(table, scan), scan.direction, scan.limit)};
}

std::string explain(const BoundTable& table, const Scan& scan) {
    return describe(table, plan(table, scan));
}

}  // namespace amphora::relational

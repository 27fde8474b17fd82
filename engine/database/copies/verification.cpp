#include "database/copies/verification.hpp"

#include "database/opening.hpp"
#include "database/rescue/examination.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace amphora {

std::shared_ptr<Core> open_to_verify(UnfinishedDirectory& unfinished, const Options& options,
                                     Verification how) {
    Options looking = options;
    looking.mode = OpenMode::read_only;
    looking.archive_directory.clear();
    std::shared_ptr<Core> copy = open_core(unfinished.path(), std::nullopt, looking,
                                           std::exchange(unfinished.lock(), std::nullopt));
    if (how == Verification::opened) return copy;
    const CheckReport report = check(*copy);
    if (report.findings.empty()) return copy;
    throw Error{
        ErrorCode::corrupt,
        fmt::format("{}: a check finds {} faults, the first: {}; check the database that it "
                    "was copied from",
                    unfinished.path(), report.findings.size(), report.findings.front())};
}

void close_verified(std::shared_ptr<Core> copy, UnfinishedDirectory& unfinished) {
    unfinished.lock() = std::move(copy->lock);
    copy.reset();
}

}  // namespace amphora

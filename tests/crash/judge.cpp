#include "crash/judge.hpp"

#include "workload/comparison.hpp"
#include "workload/reading.hpp"

#include <amphora/amphora.hpp>

namespace amphora::crash {

Judge::Judge(std::uint64_t workload_seed) : workload_{workload_seed} {
    for (std::uint32_t thread = 0; thread < threads_max; ++thread) models_.emplace_back(thread);
}

std::vector<std::string> Judge::look(Database& database, Promises& promises) {
    const Snapshot now = database.snapshot();
    for (workload::Model& model : models_) {
        const std::uint64_t there = workload::position(now, model.thread);
        promises.found(model.thread, there);
        fold_to(model, there);
    }
    std::vector<std::string> differences = workload::compare(now, models_);
    const CheckReport check = database.check();
    differences.insert(differences.end(), check.findings.begin(), check.findings.end());
    return differences;
}

std::vector<std::string> Judge::look_at_copy(const Database& restored, const CopyPromise& copy,
                                             Promises& promises) const {
    const Snapshot now = restored.snapshot();
    std::vector<workload::Model> models = models_;
    for (workload::Model& model : models) {
        const std::uint64_t there = workload::position(now, model.thread);
        promises.found_in_copy(copy, model.thread, there);
        fold_to(model, there);
    }
    return workload::compare(now, models);
}

void Judge::fold_to(workload::Model& model, std::uint64_t there) const {
    if (there < model.done) model = workload::Model{model.thread};
    workload_.fold(model, there);
}

}  // namespace amphora::crash

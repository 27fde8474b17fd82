#include "crash/judge.hpp"

#include "workload/comparison.hpp"
#include "workload/mirror.hpp"
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
    workload::Mirror mirror{database, number(now.commit_seen().sequence)};
    const std::vector<std::string> not_mirrored = mirror.catch_up();
    differences.insert(differences.end(), not_mirrored.begin(), not_mirrored.end());
    const CheckReport check = database.check();
    differences.insert(differences.end(), check.findings.begin(), check.findings.end());
    return differences;
}

std::vector<std::string> Judge::look_at_restored(Database& restored, const CopyPromise& copy,
                                                 const RestoreWish& wish,
                                                 Promises& promises) const {
    const Snapshot now = restored.snapshot();
    const std::uint64_t end = number(now.commit_seen().sequence);
    for (std::uint32_t thread = 0; thread < threads_max; ++thread) {
        const std::uint64_t there = workload::position(now, thread);
        promises.found_as_of(end, thread, there);
        if (wish.is_to_the_end()) promises.found_in_copy(copy, thread, there);
    }
    std::vector<std::string> differences = look_at_fold(restored);
    workload::Mirror mirror{restored, end};
    const std::vector<std::string> not_mirrored = mirror.catch_up();
    differences.insert(differences.end(), not_mirrored.begin(), not_mirrored.end());
    return differences;
}

std::vector<std::string> Judge::look_at_fold(const Database& database) const {
    const Snapshot now = database.snapshot();
    std::vector<workload::Model> models = models_;
    for (workload::Model& model : models) fold_to(model, workload::position(now, model.thread));
    return workload::compare(now, models);
}

void Judge::fold_to(workload::Model& model, std::uint64_t there) const {
    if (there < model.done) model = workload::Model{model.thread};
    workload_.fold(model, there);
}

}  // namespace amphora::crash

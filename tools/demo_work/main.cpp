// The demo's program; tools/demo builds and runs it.

#include "demo_work/main_job.hpp"
#include "demo_work/restaurants.hpp"
#include "demo_work/worker.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

namespace {

constexpr const char* usage =
    "usage: amphora-demo --samples DIR [--directory DIR] [--steps N] [--kills N] [--seed S]\n"
    "       amphora-demo --restaurants FILE [--directory DIR]\n";

int run(const std::vector<std::string>& words) {
    using namespace amphora::demo;
    if (words.size() == 5 && words[1] == "--worker") {
        WorkerOptions worker;
        worker.directory = words[2];
        worker.run = std::stoull(words[3]);
        worker.seed = std::stoull(words[4]);
        worker.steps_to = 3;
        worker.stop_from = 4;
        return work(worker);
    }

    MainJobOptions job;
    job.program = "/proc/self/exe";
    job.directory = "demo.amphora";
    std::string restaurants;
    for (std::size_t at = 1; at + 1 < words.size(); at += 2) {
        const std::string& option = words[at];
        const std::string& value = words[at + 1];
        if (option == "--samples") {
            job.samples = value;
        } else if (option == "--directory") {
            job.directory = value;
        } else if (option == "--steps") {
            job.steps = std::stoull(value);
        } else if (option == "--kills") {
            job.kills = std::stoull(value);
        } else if (option == "--seed") {
            job.seed = std::stoull(value);
        } else if (option == "--restaurants") {
            restaurants = value;
        } else {
            std::fprintf(stderr, "amphora-demo: unknown option %s\n%s", option.c_str(), usage);
            return 2;
        }
    }
    if (!restaurants.empty()) return load_restaurants(restaurants, job.directory);
    if (job.samples.empty() || words.size() % 2 == 0) {
        std::fputs(usage, stderr);
        return 2;
    }
    return run_main_job(job);
}

}  // namespace

int main(int count, char** words) {
    try {
        return run({words, words + count});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "amphora-demo: %s\n", error.what());
        return 1;
    }
}

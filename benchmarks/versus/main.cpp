// Compares Amphora with its peers and with raw limits; tools/bench builds and runs it.

#include "versus/workload.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <string>
#include <vector>

namespace {

using namespace amphora::versus;

std::string ratio_text(double ratio, double low, double high) {
    if (ratio == 0) return "-";
    return fmt::format("{:.2f} ({:.2f}-{:.2f})", ratio, low, high);
}

void print(const Result& result) {
    fmt::print("{:<24} {:>10.0f} {:>10.0f} {:>10.0f} {:>10.0f}  {:>20} {:>20}\n", result.name,
               result.amphora, result.acknowledged, result.peer, result.limit,
               ratio_text(result.versus_peer, result.versus_peer_min, result.versus_peer_max),
               ratio_text(result.versus_limit, result.versus_limit_min, result.versus_limit_max));
    std::fflush(stdout);
}

std::string to_json(const std::vector<Result>& results) {
    std::string text = "{\"workloads\": [";
    for (const Result& result : results) {
        text += fmt::format(
            "{}\n  {{\"name\": \"{}\", \"amphora\": {:.1f}, \"acknowledged\": {:.1f}, \"sqlite\": "
            "{:.1f}, "
            "\"limit\": {:.1f}, \"vs_sqlite\": {:.3f}, \"vs_limit\": {:.3f}, \"unit\": \"{}\", "
            "\"vs_sqlite_spread\": [{:.3f}, {:.3f}], \"vs_limit_spread\": [{:.3f}, {:.3f}], "
            "\"note\": \"{}\"}}",
            &result == results.data() ? "" : ",", result.name, result.amphora, result.acknowledged,
            result.peer, result.limit, result.versus_peer, result.versus_limit, result.unit,
            result.versus_peer_min, result.versus_peer_max, result.versus_limit_min,
            result.versus_limit_max, result.note);
    }
    return text + "\n]}\n";
}

int run(const std::vector<std::string>& words) {
    Sizes sizes;
    std::string only;
    std::string json;
    for (std::size_t at = 1; at < words.size(); ++at) {
        const bool has_value = at + 1 < words.size();
        if (words[at] == "--quick") {
            sizes = {3, 0.05};
        } else if (words[at] == "--smoke") {
            sizes = {1, 0.002};
        } else if (words[at] == "--only" && has_value) {
            only = words[++at];
        } else if (words[at] == "--json" && has_value) {
            json = words[++at];
        } else {
            fmt::print(stderr, "usage: tools/bench [--only NAME] [--quick] [--json FILE]\n");
            return 2;
        }
    }

    fmt::print("{:<24} {:>10} {:>10} {:>10} {:>10}  {:>20} {:>20}\n", "workload (per second)",
               "amphora", "acknowl.", "sqlite", "limit", "vs sqlite (spread)", "vs limit (spread)");
    std::vector<Result> results;
    for (const Workload& workload : workloads()) {
        if (!only.empty() && workload.name != only) continue;
        results.push_back(workload.run(sizes));
        print(results.back());
    }
    if (results.empty()) {
        fmt::print(stderr, "tools/bench: there is no workload {}\n", only);
        return 2;
    }
    fmt::print("\n");
    for (const Result& result : results) fmt::print("{}: {}\n", result.name, result.note);
    if (!json.empty()) {
        std::ofstream file{json};
        file << to_json(results);
        if (!file.flush()) {
            fmt::print(stderr, "tools/bench: writing {} failed\n", json);
            return 1;
        }
    }
    return 0;
}

}  // namespace

int main(int count, char** words) {
    try {
        return run({words, words + count});
    } catch (const std::exception& error) {
        fmt::print(stderr, "tools/bench: {}\n", error.what());
        return 1;
    }
}

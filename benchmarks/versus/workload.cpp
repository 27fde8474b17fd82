#include "versus/workload.hpp"

#include <algorithm>

namespace amphora::versus {

namespace {

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

struct Series {
    std::vector<double> rates;
    std::vector<double> ratios;
};

}  // namespace

Result compare(std::string name, std::string unit, const Sizes& sizes, const Side& amphora,
               const Side& peer, const Side& limit) {
    std::vector<double> ours;
    std::vector<double> acknowledged;
    Series peers;
    Series limits;
    for (std::uint64_t round = 0; round < sizes.rounds; ++round) {
        const Sample sample = amphora();
        ours.push_back(sample.rate);
        acknowledged.push_back(sample.acknowledged == 0 ? sample.rate : sample.acknowledged);
        const auto ask = [&](const Side& side, Series& series) {
            if (!side) return;
            series.rates.push_back(side().rate);
            series.ratios.push_back(sample.rate / series.rates.back());
        };
        ask(peer, peers);
        ask(limit, limits);
    }
    Result result;
    result.name = std::move(name);
    result.unit = std::move(unit);
    result.amphora = median(ours);
    result.acknowledged = median(acknowledged);
    result.peer = median(peers.rates);
    result.limit = median(limits.rates);
    const auto spread = [](const std::vector<double>& ratios, double& middle, double& low,
                           double& high) {
        if (ratios.empty()) return;
        middle = median(ratios);
        low = *std::min_element(ratios.begin(), ratios.end());
        high = *std::max_element(ratios.begin(), ratios.end());
    };
    spread(peers.ratios, result.versus_peer, result.versus_peer_min, result.versus_peer_max);
    spread(limits.ratios, result.versus_limit, result.versus_limit_min, result.versus_limit_max);
    return result;
}

std::vector<Workload> workloads() {
    return {
        {"commit-synced-1", "one thread, a user and its log document, safe from power loss",
         &commit_synced_1},
        {"commit-synced-8", "the same from eight threads, one commit in flight each",
         &commit_synced_8},
        {"commit-written-1", "the same from one thread, safe from the death of the process",
         &commit_written_1},
        {"commit-written-1-large", "the same, sustained into millions of users",
         &commit_written_1_large},
        {"row-by-key", "a user of a million by primary key, nothing else going on", &row_by_key},
        {"feed-read", "every change of half a million sign-ups through a feed, one thread",
         &feed_read},
        {"consume", "a hundred thousand events, each of which a consumer counts in a row",
         &consume},
        {"commit-with-idle-consumers", "sign-ups while ten consumers select nothing",
         &commit_with_idle_consumers},
        {"handler-latency", "events one after another, each of which a handler must have had",
         &handler_latency},
        {"retention", "a million logs expire, each with its entries in two indexes", &retention},
    };
}

}  // namespace amphora::versus

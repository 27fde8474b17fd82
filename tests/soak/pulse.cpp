#include "soak/pulse.hpp"

#include <fmt/format.h>

#include <sstream>

namespace amphora::soak {

std::string Pulse::to_line() const {
    std::string line = "p";
    for (const Times& times : {writes, reads}) {
        line += fmt::format(" {} {} {} {} {}", times.count, times.p50_us, times.p99_us,
                            times.p999_us, times.max_us);
    }
    return line + fmt::format(" {} {} {} {}", checks, backups, pending_bytes, journal_bytes);
}

std::optional<Pulse> Pulse::from_line(const std::string& line) {
    std::istringstream words{line};
    std::string word;
    Pulse pulse;
    if (!(words >> word) || word != "p") return std::nullopt;
    for (Times* times : {&pulse.writes, &pulse.reads}) {
        words >> times->count >> times->p50_us >> times->p99_us >> times->p999_us >> times->max_us;
    }
    if (!(words >> pulse.checks >> pulse.backups >> pulse.pending_bytes >> pulse.journal_bytes)) {
        return std::nullopt;
    }
    return pulse;
}

}  // namespace amphora::soak

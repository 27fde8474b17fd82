#pragma once

#include <cstdint>

namespace amphora::journal {

/// What a survey does where something that was durable does not verify or does not fit: refuse the
/// journal, or let it end there, and say so in `Survey::damage`.
enum class AtDamage : std::uint8_t { refuse, end };

}  // namespace amphora::journal

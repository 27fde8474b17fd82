#pragma once

#include <cstdint>

namespace amphora::journal {

/// What a survey does if something that was durable does not verify or does not fit: it refuses the
/// journal, or ends it there and says so in `Survey::damage`.
enum class AtDamage : std::uint8_t { refuse, end };

}  // namespace amphora::journal

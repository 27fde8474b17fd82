#pragma once

#include "corruption/damage.hpp"

#include <string>
#include <vector>

namespace amphora::corruption {

/// A damage, and the file that it damages.
struct FileDamage {
    std::string file;
    Damage damage;
};

/// Damages files below `directory`, one damage after the other.
void inflict(const std::vector<FileDamage>& damages, const std::string& directory);

[[nodiscard]] std::string text_of(const std::vector<FileDamage>& damages);

}  // namespace amphora::corruption

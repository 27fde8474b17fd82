#pragma once

#include <string>
#include <string_view>

/// Names in messages for a broker.
namespace amphora::detail {

/// The last part of the path of a database, without ".amphora".
[[nodiscard]] std::string name_of_directory(const std::string& path);

/// A topic may have letters and digits of ASCII, dots, dashes and underscores. Each other character
/// of the name becomes an underscore.
[[nodiscard]] std::string topic_of_name(std::string_view name);

}  // namespace amphora::detail

#pragma once

#include <string>
#include <string_view>
#include <vector>

/// The commands `amphora COMMAND ...`. Each returns the exit code: 0, or 1 if the answer is "no"
/// (nothing found, something wrong, a line rejected). The caller prints UsageError and
/// amphora::Error.
namespace amphora::cli {

using Words = std::vector<std::string>;  ///< after the command

int init(const Words& words);
int load(const Words& words);
int dump(const Words& words);
int get(const Words& words);
int find(const Words& words);
int watch(const Words& words);
int consumers(const Words& words);
int dead_letters(const Words& words);
int trace(const Words& words);
int tables(const Words& words);
int stats(const Words& words);
int check(const Words& words);
int repair(const Words& words);
int compact(const Words& words);
int expire(const Words& words);
int backup(const Words& words);
int restore(const Words& words);
int archive(const Words& words);

struct Command {
    std::string_view name;
    std::string_view arguments;
    std::string_view purpose;
    int (*run)(const Words&);
};
/// In the order in which help lists them.
[[nodiscard]] const std::vector<Command>& commands();

}  // namespace amphora::cli

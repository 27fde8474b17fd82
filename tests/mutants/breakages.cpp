#include "mutants/breakages.hpp"

#include "support/read_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

namespace amphora::mutants {
namespace {

namespace fs = std::filesystem;

/// One hunk while it is read. Empty lines count only if another line of the hunk follows them.
class Hunk {
  public:
    void add(char mark, std::string_view line) {
        for (; empty_lines_ > 0; --empty_lines_) add_to_both("");
        if (mark == ' ') {
            add_to_both(line);
            return;
        }
        std::string& text = mark == '-' ? found_ : replacement_;
        text.append(line).append(1, '\n');
    }
    void add_empty() { ++empty_lines_; }

    [[nodiscard]] Edit edit(std::string path) const {
        return {std::move(path), found_, replacement_};
    }

  private:
    void add_to_both(std::string_view line) {
        found_.append(line).append(1, '\n');
        replacement_.append(line).append(1, '\n');
    }

    std::string found_;
    std::string replacement_;
    int empty_lines_ = 0;
};

class Parser {
  public:
    Parser(std::string_view text, const std::string& name) : rest_{text}, name_{name} {}

    std::vector<Breakage> run() {
        while (!rest_.empty()) read_line(next_line());
        end_edit();
        if (!breakages_.empty()) require_whole(breakages_.back());
        return std::move(breakages_);
    }

  private:
    std::string_view next_line() {
        const std::size_t end = std::min(rest_.find('\n'), rest_.size());
        const std::string_view line = rest_.substr(0, end);
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        ++line_;
        return line;
    }

    void read_line(std::string_view line) {
        if (line.empty()) {
            hunk_.add_empty();
        } else if (!path_.empty() && (line[0] == ' ' || line[0] == '-' || line[0] == '+')) {
            hunk_.add(line[0], line.substr(1));
        } else if (line[0] != '#') {
            read_field(line);
        }
    }

    void read_field(std::string_view line) {
        const std::size_t colon = line.find(": ");
        if (colon == std::string_view::npos) fail("expected a field such as `test: TARGET FILTER`");
        const std::string_view field = line.substr(0, colon);
        const std::string value{line.substr(colon + 2)};
        end_edit();
        if (field == "breakage") {
            if (!breakages_.empty()) require_whole(breakages_.back());
            breakages_.emplace_back().name = value;
            return;
        }
        if (breakages_.empty()) fail("expected `breakage: NAME` first");
        Breakage& breakage = breakages_.back();
        if (field == "story") {
            breakage.story = value;
        } else if (field == "test") {
            const std::size_t space = value.find(' ');
            if (space == std::string::npos) fail("expected `test: TARGET FILTER`");
            breakage.target = value.substr(0, space);
            breakage.filter = value.substr(space + 1);
        } else if (field == "hangs") {
            breakage.hangs = value == "yes";
        } else if (field == "edit") {
            path_ = value;
        } else {
            fail(fmt::format("there is no field `{}`", field));
        }
    }

    void end_edit() {
        if (!path_.empty()) {
            Edit edit = hunk_.edit(std::exchange(path_, {}));
            if (edit.found == edit.replacement) fail("the edit before this line changes nothing");
            breakages_.back().edits.push_back(std::move(edit));
        }
        hunk_ = {};
    }

    void require_whole(const Breakage& breakage) const {
        if (breakage.name.empty() || breakage.story.empty() || breakage.target.empty() ||
            breakage.edits.empty()) {
            fail(fmt::format("{} needs a story, a test and an edit", breakage.name));
        }
    }

    [[noreturn]] void fail(const std::string& what) const {
        throw std::runtime_error{fmt::format("{}:{}: {}", name_, line_, what)};
    }

    std::string_view rest_;
    std::string name_;
    int line_ = 0;
    std::vector<Breakage> breakages_;
    std::string path_;  // of the edit that is being read; empty outside
    Hunk hunk_;
};

/// Where whole lines occur in a text.
std::optional<std::size_t> find_lines(std::string_view text, std::string_view lines,
                                      std::size_t from) {
    for (std::size_t at = text.find(lines, from); at != std::string_view::npos;
         at = text.find(lines, at + 1)) {
        if (at == 0 || text[at - 1] == '\n') return at;
    }
    return std::nullopt;
}

}  // namespace

std::vector<Breakage> parse(std::string_view text, const std::string& name) {
    return Parser{text, name}.run();
}

std::vector<Breakage> read_all(const std::string& directory) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator{directory}) {
        if (entry.path().extension() == ".mutants") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    std::vector<Breakage> all;
    std::set<std::string> names;
    for (const fs::path& path : files) {
        const std::string text = support::read_file(path.string());
        for (Breakage& breakage : parse(text, path.string())) {
            if (!names.insert(breakage.name).second) {
                throw std::runtime_error{
                    fmt::format("{}: {} is named twice", path.string(), breakage.name)};
            }
            all.push_back(std::move(breakage));
        }
    }
    return all;
}

std::string applied(const Edit& edit, const std::string& text) {
    const auto at = find_lines(text, edit.found, 0);
    if (!at || edit.found.empty()) {
        throw std::runtime_error{
            fmt::format("{} does not have these lines:\n{}", edit.path, edit.found)};
    }
    if (find_lines(text, edit.found, *at + 1)) {
        throw std::runtime_error{
            fmt::format("{} has these lines more than once:\n{}", edit.path, edit.found)};
    }
    std::string result = text;
    return result.replace(*at, edit.found.size(), edit.replacement);
}

}  // namespace amphora::mutants

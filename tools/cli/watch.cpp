#include "base/name_list.hpp"
#include "cli/change_printer.hpp"
#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <thread>
#include <utility>

// The command that prints the changes of a database or of an archive.
namespace amphora::cli {

namespace {

constexpr std::string_view topic_prefix = "topic:";
constexpr std::chrono::milliseconds follow_interval{100};

FeedOptions start_of(const CommandLine& line) {
    FeedOptions options;
    const std::string from = line.find("from").value_or("oldest");
    if (from == "oldest") {
        options.start = FeedStart::oldest;
    } else if (from == "end") {
        options.start = FeedStart::end;
    } else if (from == "snapshot") {
        options.start = FeedStart::snapshot;
    } else {
        try {
            options.after = FeedPosition::parse(from);
        } catch (const Error& error) {
            throw UsageError{
                fmt::format("--from takes oldest, end, snapshot or a position: {}", error.what())};
        }
    }
    return options;
}

std::vector<MaskedColumn> masked_by(const CommandLine& line) {
    std::vector<MaskedColumn> masked;
    for (const std::string& word : line.all("mask")) {
        // The name of a system table has a dot of its own.
        const std::size_t dot = word.find('.', word.starts_with("amphora.") ? 8 : 0);
        if (dot == std::string::npos || dot == 0 || dot + 1 == word.size()) {
            throw UsageError{fmt::format("--mask takes TABLE.COLUMN, not '{}'", word)};
        }
        masked.push_back({word.substr(0, dot), word.substr(dot + 1)});
    }
    return masked;
}

/// The kinds and origins that are asked for. None: all.
class ChangeFilter {
  public:
    explicit ChangeFilter(const CommandLine& line) : origins_{line.all("origin")} {
        for (const std::string& word : line.all("kind")) kinds_.push_back(kind_of(word));
    }

    [[nodiscard]] bool passes(const Change& change) const {
        return (kinds_.empty() || std::ranges::find(kinds_, change.kind()) != kinds_.end()) &&
               (origins_.empty() || std::ranges::find(origins_, change.origin()) != origins_.end());
    }

  private:
    static ChangeKind kind_of(const std::string& word) {
        static constexpr std::array all{ChangeKind::insert, ChangeKind::update, ChangeKind::erase,
                                        ChangeKind::read,   ChangeKind::schema, ChangeKind::event};
        NameList names;
        for (const ChangeKind kind : all) {
            if (to_string(kind) == word) return kind;
            names.add(to_string(kind));
        }
        throw UsageError{fmt::format("--kind takes one of {}, not '{}'", names.text(), word)};
    }

    std::vector<ChangeKind> kinds_;
    std::vector<std::string> origins_;
};

/// A table or a collection; else a topic, which must look like one, because any text may be a topic
/// and a misspelled table would never be noticed.
template <class Source>
Selection selection_of(const Source& source, const std::vector<SpaceReport>& spaces,
                       const std::string& name) {
    for (const SpaceReport& space : spaces) {
        if (detail::hash_name(space.name) != detail::hash_name(name)) continue;
        return space.is_collection ? changes(Collection{space.name}) : changes(Table{space.name});
    }
    if (name.starts_with(topic_prefix)) {
        return topics(std::string_view{name}.substr(topic_prefix.size()));
    }
    if (name.find_first_of(".*") != std::string::npos) return topics(name);
    throw Error{ErrorCode::no_such_table,
                fmt::format("{} has no table or collection {}; it has {}; the topic of events is "
                            "written topic:{}, topics that begin alike '{}.*'",
                            source.path(), name,
                            NameList{source.describe(), &SpaceReport::name}.text(), name, name)};
}

Printing printing_of(const CommandLine& line) {
    Printing printing = Printing::readable;
    int chosen = 0;
    for (const auto& [option, form] :
         {std::pair{"json", Printing::plain}, std::pair{"debezium", Printing::debezium},
          std::pair{"cloudevents", Printing::cloudevents}}) {
        if (!line.has(option)) continue;
        printing = form;
        ++chosen;
    }
    if (chosen > 1) throw UsageError{"choose one of --json, --debezium and --cloudevents"};
    return printing;
}

/// What the words ask for, except for what is read.
struct Wanted {
    explicit Wanted(const CommandLine& line)
        : printing{printing_of(line)},
          filter{line},
          masked{masked_by(line)},
          options{start_of(line)} {}

    Printing printing;
    ChangeFilter filter;
    std::vector<MaskedColumn> masked;
    FeedOptions options;
};

template <class Source, class Names>
void select(const Source& source, const Names& names, FeedOptions& options) {
    const std::vector<SpaceReport> spaces = source.describe(Spaces::all);
    for (const std::string& name : names) {
        options.selections.push_back(selection_of(source, spaces, name));
    }
}

/// False: nobody reads the output any more.
bool print_all(Feed& feed, const ChangeFilter& filter, ChangePrinter& printer,
               std::optional<std::chrono::milliseconds> wait) {
    while (const Change* change = feed.next(wait)) {
        if (filter.passes(*change) && !printer.print(*change)) return false;
    }
    return printer.finish();
}

int watch_archive(const CommandLine& line, Wanted wanted) {
    if (line.has("as")) throw UsageError{"an archive knows no readers; leave out --as"};
    if (wanted.options.start == FeedStart::snapshot) {
        throw UsageError{"an archive has no snapshot; --from takes oldest, end or a position"};
    }
    const Archive archive{*line.find("archive"), {.timeline = line.find("timeline").value_or("")}};
    select(archive, line.plain(), wanted.options);
    ChangePrinter printer{archive, wanted.printing, wanted.masked};
    Feed feed = archive.feed(wanted.options);
    static_cast<void>(print_all(feed, wanted.filter, printer, std::nullopt));
    return 0;
}

}  // namespace

int watch(const Words& words) {
    const CommandLine line{words,
                           {{"archive", true},
                            {"timeline", true},
                            {"from", true},
                            {"json", false},
                            {"debezium", false},
                            {"cloudevents", false},
                            {"mask", true},
                            {"as", true},
                            {"follow", false},
                            {"kind", true},
                            {"origin", true}}};
    Wanted wanted{line};
    if (line.has("archive")) return watch_archive(line, std::move(wanted));
    if (line.has("timeline")) throw UsageError{"--timeline belongs to --archive"};
    if (line.plain().empty()) throw UsageError{"name a database"};

    const auto name = line.find("as");
    if (name && name->empty()) throw UsageError{"--as takes a name"};
    if (name && line.has("follow")) throw UsageError{"--follow changes nothing; leave out --as"};
    Database database =
        name ? open_to_change(line.plain()[0]) : open_to_look(line.plain()[0], line);
    select(database, std::span{line.plain()}.subspan(1), wanted.options);
    ChangePrinter printer{database, wanted.printing, wanted.masked};
    wanted.options.reader = name.value_or("");
    Feed feed = database.feed(wanted.options);
    // Another process may always bring another one.
    constexpr std::chrono::milliseconds what_is_there{0};
    bool is_read = print_all(feed, wanted.filter, printer, what_is_there);
    while (is_read && line.has("follow")) {
        std::this_thread::sleep_for(follow_interval);
        database.refresh();
        if (feed.has_ended()) {
            wanted.options.after = feed.position();
            feed = database.feed(wanted.options);
        }
        is_read = print_all(feed, wanted.filter, printer, what_is_there);
    }
    if (is_read && name) feed.acknowledge(*feed.position());
    return 0;
}

}  // namespace amphora::cli

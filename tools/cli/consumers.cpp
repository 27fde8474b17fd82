#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "console/text_table.hpp"
#include "console/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

// Commands about consumers and what they have set aside.
namespace amphora::cli {

namespace {

using console::TextTable;
using console::with_commas;

std::int64_t plain(std::uint64_t value) {
    return static_cast<std::int64_t>(value);
}

std::string_view kind_of(const ConsumerReport& consumer) {
    return consumer.is_reader ? "reader" : "handler";
}

Document to_document(const ConsumerReport& consumer) {
    Document document{{"name", consumer.name},
                      {"kind", kind_of(consumer)},
                      {"state", to_string(consumer.state)},
                      {"position", to_string(consumer.position)},
                      {"lag_commits", plain(consumer.lag_commits)},
                      {"dead_letters", plain(consumer.dead_letters)},
                      {"set_aside", plain(consumer.set_aside)},
                      {"attempts", static_cast<std::int64_t>(consumer.attempts)},
                      {"last_error", consumer.last_error},
                      {"selections", BsonValue::from_json(consumer.selections)},
                      {"created_at", consumer.created_at},
                      {"ran_at", consumer.ran_at}};
    if (!consumer.reading.empty()) document.append("reading", consumer.reading);
    if (!consumer.read_again.empty()) {
        Array waiting;
        for (const std::string& source : consumer.read_again) waiting.append(source);
        document.append("read_again", waiting);
    }
    return document;
}

const ConsumerReport& require(const std::vector<ConsumerReport>& all, const std::string& name) {
    const auto found = std::ranges::find(all, name, &ConsumerReport::name);
    if (found != all.end()) return *found;
    throw Error{ErrorCode::no_such_consumer, fmt::format("there is no consumer {}", name)};
}

void list(const std::vector<ConsumerReport>& all, bool json) {
    constexpr auto right = TextTable::Align::right;
    TextTable table{{{"name"},
                     {"kind"},
                     {"state"},
                     {"lag", right},
                     {"dead letters", right},
                     {"set aside", right},
                     {"last ran"},
                     {"last error"}}};
    for (const ConsumerReport& consumer : all) {
        if (json) {
            print(to_document(consumer));
            continue;
        }
        table.add({consumer.name, std::string{kind_of(consumer)},
                   std::string{to_string(consumer.state)}, with_commas(consumer.lag_commits),
                   with_commas(consumer.dead_letters), with_commas(consumer.set_aside),
                   consumer.ran_at ? to_string(Value{*consumer.ran_at}) : "", consumer.last_error});
    }
    if (!json) std::fputs(table.text().c_str(), stdout);
}

void show(const ConsumerReport& consumer, bool json) {
    if (json) return print(to_document(consumer));
    TextTable table{{{"name"}, {consumer.name}}};
    table.add({"kind", std::string{kind_of(consumer)}});
    table.add({"state", std::string{to_string(consumer.state)}});
    table.add({"position", to_string(consumer.position)});
    if (!consumer.reading.empty()) table.add({"reads", consumer.reading});
    if (!consumer.read_again.empty()) {
        table.add({"will read again", fmt::format("{}", fmt::join(consumer.read_again, ", "))});
    }
    table.add({"lag", with_commas(consumer.lag_commits) + " commits"});
    table.add({"dead letters", with_commas(consumer.dead_letters)});
    table.add({"set aside", with_commas(consumer.set_aside)});
    table.add({"attempts", with_commas(consumer.attempts)});
    table.add({"last error", consumer.last_error});
    if (!consumer.waits_for.empty()) table.add({"waits for room", consumer.waits_for});
    table.add({"selections", consumer.selections});
    table.add({"made", to_string(Value{consumer.created_at})});
    table.add({"last ran", consumer.ran_at ? to_string(Value{*consumer.ran_at}) : "never"});
    std::fputs(table.text().c_str(), stdout);
}

/// "DATABASE ACTION WORD [SOURCE]": what is asked for.
struct Request {
    std::string database;
    std::string action = "list";
    std::string object;
    std::string source;  ///< a table or collection, of `read-again`
};

Request request_of(const CommandLine& line, std::string_view object) {
    const auto& words = line.plain();
    if (words.empty()) throw UsageError{"name a database"};
    Request request;
    request.database = words[0];
    if (words.size() > 1) request.action = words[1];
    const std::size_t most = request.action == "read-again" ? 4 : 3;
    if (words.size() > most) {
        throw UsageError{fmt::format("'{}' is one word too many", words[most])};
    }
    if (words.size() > 3) request.source = words[3];
    if (words.size() > 2) request.object = words[2];
    const bool needs_object = request.action != "list";
    if (needs_object && request.object.empty()) {
        throw UsageError{fmt::format("{}: name {}", request.action, object)};
    }
    return request;
}

bool is_change(std::string_view action) {
    return action == "pause" || action == "resume" || action == "read-again" || action == "drop";
}

std::string told(const Request& request) {
    if (request.action == "drop") return "dropped";
    if (request.action == "pause") return "paused";
    if (request.action == "resume") return "resumed";
    return fmt::format("it will read {} again when it runs next", request.source);
}

Document to_document(const DeadLetter& letter) {
    return Document{{"id", letter.id},
                    {"consumer", letter.consumer},
                    {"state", to_string(letter.state)},
                    {"position", letter.position},
                    {"partition", letter.partition},
                    {"attempts", static_cast<std::int64_t>(letter.attempts)},
                    {"error", letter.error},
                    {"first_at", letter.first_at},
                    {"at", letter.at},
                    {"change", letter.change}};
}

std::string change_of(const DeadLetter& letter) {
    const auto text = [&](const char* field) {
        const auto found = letter.change.find(field);
        return std::string{found ? found->as_text().value_or("") : ""};
    };
    std::string change = text("kind") + " " + text("name");
    if (const auto row = letter.change.find("row")) {
        change += " " + std::string{row->as_text().value_or("")};
    } else if (const auto id = letter.change.find("after._id")) {
        change += " " + to_json(*id);
    }
    return change;
}

void list(const std::vector<DeadLetter>& letters, bool json) {
    TextTable table{{{"id"},
                     {"consumer"},
                     {"state"},
                     {"change"},
                     {"attempts", TextTable::Align::right},
                     {"last attempt"},
                     {"error"}}};
    for (const DeadLetter& letter : letters) {
        if (json) {
            print(to_document(letter));
            continue;
        }
        table.add({letter.id, letter.consumer, std::string{to_string(letter.state)},
                   change_of(letter), with_commas(letter.attempts), to_string(Value{letter.at}),
                   letter.error});
    }
    if (!json) std::fputs(table.text().c_str(), stdout);
}

int change_letters(const Request& request, bool json) {
    Database database = open_to_change(request.database);
    std::vector<std::string> ids;
    if (request.object == "all") {
        for (const DeadLetter& letter : database.dead_letters()) {
            if (letter.state == DeadLetterState::dead) ids.push_back(letter.id);
        }
    } else {
        ids.push_back(request.object);
    }
    std::size_t changed = 0;
    for (const std::string& id : ids) {
        const bool done = request.action == "replay" ? database.replay_dead_letter(id)
                                                     : database.drop_dead_letter(id);
        if (done) ++changed;
    }
    database.close();
    if (json) {
        print(Document{{request.action, plain(changed)}});
    } else if (request.action == "replay") {
        print_line(fmt::format(
            "dead-letters: {} will be given to their consumers when these run next", changed));
    } else {
        print_line(fmt::format("dead-letters: {} dropped", changed));
    }
    return changed > 0 ? 0 : 1;
}

}  // namespace

int consumers(const Words& words) {
    const CommandLine line{words, {{"rescue", false}, {"json", false}}};
    const Request request = request_of(line, "a consumer");
    const bool json = line.has("json");
    if (request.action == "list") {
        list(open_to_look(request.database, line).consumers(), json);
        return 0;
    }
    if (request.action == "show") {
        const auto all = open_to_look(request.database, line).consumers();
        show(require(all, request.object), json);
        return 0;
    }
    if (!is_change(request.action)) {
        throw UsageError{fmt::format(
            "'{}' is none of list, show, pause, resume, read-again and drop", request.action)};
    }
    if (request.action == "read-again" && request.source.empty()) {
        throw UsageError{"read-again: name a consumer, and the table or collection that it reads"};
    }
    Database database = open_to_change(request.database);
    if (request.action == "pause") database.pause_consumer(request.object);
    if (request.action == "resume") database.resume_consumer(request.object);
    if (request.action == "read-again") database.read_again(request.object, request.source);
    if (request.action == "drop") database.drop_consumer(request.object);
    if (json) {
        print(Document{{"consumer", request.object}, {"action", request.action}});
    } else {
        print_line(fmt::format("consumers: {}: {}", request.object, told(request)));
    }
    database.close();
    return 0;
}

int dead_letters(const Words& words) {
    const CommandLine line{words, {{"consumer", true}, {"rescue", false}, {"json", false}}};
    const Request request = request_of(line, "a dead letter by its id, or all");
    const bool json = line.has("json");
    if (request.action == "list") {
        const Database database = open_to_look(request.database, line);
        list(database.dead_letters(line.find("consumer").value_or("")), json);
        return 0;
    }
    if (request.action == "show") {
        const Database database = open_to_look(request.database, line);
        for (const DeadLetter& letter : database.dead_letters()) {
            if (letter.id != request.object) continue;
            if (json) {
                print(to_document(letter));
            } else {
                print_line(to_json(to_document(letter), JsonFormat::relaxed, JsonLayout::indented));
            }
            return 0;
        }
        print_line(fmt::format("dead-letters: there is none with the id {}", request.object));
        return 1;
    }
    if (request.action != "replay" && request.action != "drop") {
        throw UsageError{
            fmt::format("'{}' is none of list, show, replay and drop", request.action)};
    }
    return change_letters(request, json);
}

}  // namespace amphora::cli

#include "cli/change_printer.hpp"

#include "database/json/change_json.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace amphora::cli {

namespace {

/// In quotes if it has a space, a quote or a control character, so that the line can be read.
std::string shown_name(std::string_view name) {
    const bool is_plain = std::ranges::none_of(name, [](char letter) {
        return static_cast<unsigned char>(letter) <= ' ' || letter == '"' || letter == '\x7f';
    });
    return is_plain ? std::string{name} : to_json(BsonValue{name}.view());
}

}  // namespace

ChangePrinter::ChangePrinter(const Database& database, Printing printing,
                             const std::vector<MaskedColumn>& masked)
    : parts_{std::make_unique<const detail::ChangeJson>(detail::FormSource{database}, masked)} {
    begin(database, printing, masked);
}

ChangePrinter::ChangePrinter(const Archive& archive, Printing printing,
                             const std::vector<MaskedColumn>& masked)
    : parts_{std::make_unique<const detail::ChangeJson>(detail::FormSource{archive}, masked)} {
    begin(archive, printing, masked);
}

template <class Source>
void ChangePrinter::begin(const Source& source, Printing printing,
                          const std::vector<MaskedColumn>& masked) {
    if (printing == Printing::plain) plain_.emplace(source, masked);
    if (printing == Printing::cloudevents) {
        cloudevents_.emplace(source, CloudEventsOptions{.source = {}, .masked = masked});
    }
    if (printing == Printing::debezium) {
        debezium_.emplace(source,
                          DebeziumOptions{.name = "amphora", .database = {}, .masked = masked});
    }
}

ChangePrinter::~ChangePrinter() = default;

bool ChangePrinter::print(const Change& change) {
    if (plain_) return output_.write(plain_->line(change));
    if (cloudevents_) return output_.write(cloudevents_->line(change));
    if (debezium_) return print(debezium_->messages(change));
    return output_.write(readable(change));
}

bool ChangePrinter::finish() {
    return !debezium_ || print(debezium_->flush());
}

bool ChangePrinter::print(const std::vector<DebeziumMessage>& messages) {
    return std::ranges::all_of(
        messages, [&](const DebeziumMessage& message) { return output_.write(message.line()); });
}

std::string ChangePrinter::readable(const Change& change) const {
    std::string line =
        fmt::format("{}  {}  {} {}", to_string(change.position()), detail::rfc3339(change.time()),
                    to_string(change.kind()), shown_name(change.name()));
    if (change.is_row() || change.is_document()) {
        line += ' ';
        parts_->append_key(line, change);
    } else if (change.kind() == ChangeKind::event) {
        line += " " + to_json(change.payload());
    }
    return line;
}

}  // namespace amphora::cli

#include "power/recording.hpp"

#include "power/record.hpp"

#include <fcntl.h>

#include <cstring>
#include <stdexcept>

#include <fmt/format.h>

namespace amphora::power {
namespace {

/// Follows descriptors and names through a log, so that its result names only files.
class LogReader {
  public:
    LogReader(Recording& recording, const std::string& watched, const Image& before)
        : recording_{recording}, watched_{watched} {
        recording_.contents.emplace_back();
        for (const std::string& path : before.directories) add(path, nullptr);
        for (const auto& [path, content] : before.files) add(path, content);
        recording_.names = names_;
    }

    void run() {
        const std::string& log = recording_.log;
        std::size_t at = 0;
        while (at + sizeof(RecordHead) <= log.size()) {
            RecordHead head;
            std::memcpy(&head, log.data() + at, sizeof head);
            at += sizeof head;
            // The process may have been stopped within a record.
            if (at + head.data_bytes > log.size()) break;
            recording_.end = head.number;
            take(head, std::string_view{log}.substr(at, head.data_bytes));
            at += head.data_bytes;
        }
    }

  private:
    struct Descriptor {
        Node node;
        bool is_synced;
    };

    void add(const std::string& path, Image::Content content) {
        names_[place_of(watched_ + "/" + path)] = make(std::move(content));
    }
    Node make(Image::Content content) {
        recording_.contents.push_back(std::move(content));
        return Node{static_cast<std::uint32_t>(recording_.contents.size() - 1)};
    }

    // The place of a path in full, whose directory must be there; none for the watched one.
    WrittenRange place_of(std::string_view path) const {
        if (path == watched_) return {};
        path.remove_prefix(watched_.size() + 1);
        Node directory = Node::watched;
        for (;;) {
            const std::size_t end = path.find('/');
            if (end == std::string_view::npos) return {directory, std::string{path}};
            directory = names_.at({directory, std::string{path.substr(0, end)}});
            path.remove_prefix(end + 1);
        }
    }

    void take(const RecordHead& head, std::string_view data) {
        switch (static_cast<RecordKind>(head.kind)) {
            case RecordKind::open:
                return open(head, data);
            case RecordKind::duplicate:
                descriptors_[static_cast<int>(head.argument)] = descriptors_.at(head.descriptor);
                return;
            case RecordKind::close:
                descriptors_.erase(head.descriptor);
                return;
            case RecordKind::write:
                add_event(head, Action::write).bytes = data;
                return;
            case RecordKind::resize:
                add_event(head, Action::resize);
                return;
            case RecordKind::grow:
                // A write of nothing at the end.
                add_event(head, Action::write);
                return;
            case RecordKind::clear:
                std::memcpy(&add_event(head, Action::clear).length, data.data(),
                            sizeof(std::uint64_t));
                return;
            case RecordKind::sync:
                add_event(head, Action::sync);
                return;
            case RecordKind::rename:
            case RecordKind::link: {
                const std::size_t middle = data.find('\0');
                const WrittenRange from = place_of(data.substr(0, middle));
                const bool leaves = static_cast<RecordKind>(head.kind) == RecordKind::rename;
                return name(head.number, names_.at(from), leaves ? from : WrittenRange{},
                            place_of(data.substr(middle + 1)));
            }
            case RecordKind::remove:
            case RecordKind::remove_directory: {
                const WrittenRange from = place_of(data);
                return name(head.number, names_.at(from), from, {});
            }
            case RecordKind::make_directory:
                if (data == watched_) return;
                return name(head.number, make(nullptr), {}, place_of(data));
            case RecordKind::map:
                recording_.mapped.insert(descriptors_.at(head.descriptor).node);
                return;
            case RecordKind::say:
                return say(head.number, data);
            case RecordKind::offence:
                recording_.offences.emplace_back(data);
                return;
            case RecordKind::returned:
                return returned(head);
        }
        throw std::runtime_error{fmt::format("record {} has the kind {}", head.number, head.kind)};
    }

    Event& add_event(const RecordHead& head, Action action) {
        const Descriptor& descriptor = descriptors_.at(head.descriptor);
        called_[head.number] = recording_.events.size();
        Event& event = recording_.events.emplace_back();
        event.action = action;
        event.begun = head.number;
        event.node = descriptor.node;
        event.offset = head.argument;
        event.is_synced = descriptor.is_synced;
        return event;
    }

    void open(const RecordHead& head, std::string_view path) {
        const WrittenRange place = place_of(path);
        const auto flags = static_cast<int>(head.argument);
        Node node = Node::watched;
        if (!place.is_none()) {
            const auto found = names_.find(place);
            if (found != names_.end()) {
                node = found->second;
            } else if ((flags & O_CREAT) != 0) {
                node = make(std::make_shared<const std::string>());
                name(head.number, node, {}, place);
            } else {
                throw std::runtime_error{
                    fmt::format("{} was opened and is not there", std::string{path})};
            }
        }
        descriptors_[head.descriptor] = {node, (flags & (O_DSYNC | O_SYNC)) != 0};
        if ((flags & O_TRUNC) != 0) {
            Event& event = recording_.events.emplace_back();
            event.action = Action::resize;
            event.begun = event.returned = head.number;
            event.node = node;
        }
    }

    void name(Moment moment, Node node, const WrittenRange& from, const WrittenRange& to) {
        if (!from.is_none()) names_.erase(from);
        if (!to.is_none()) names_[to] = node;
        Event& event = recording_.events.emplace_back();
        event.action = Action::name;
        event.begun = event.returned = moment;
        event.node = node;
        event.from = from;
        event.to = to;
    }

    void say(Moment moment, std::string_view text) {
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            recording_.said.push_back({moment, std::string{text.substr(0, end)}});
            text.remove_prefix(std::min(end + 1, text.size()));
        }
    }

    void returned(const RecordHead& head) {
        Event& event = recording_.events.at(called_.at(head.argument));
        called_.erase(head.argument);
        if (event.action == Action::write && !event.bytes.empty() && head.result >= 0) {
            event.bytes = event.bytes.substr(0, static_cast<std::size_t>(head.result));
        } else if (head.result != 0) {
            recording_.offences.push_back(fmt::format("call {} failed", head.argument));
            return;
        }
        event.returned = head.number;
    }

    Recording& recording_;
    const std::string& watched_;
    Names names_;
    std::map<int, Descriptor> descriptors_;
    std::map<Moment, std::size_t> called_;  ///< calls that have not returned, and their events
};

}  // namespace

Recording Recording::read(std::string log, const std::string& watched, const Image& before) {
    Recording recording;
    recording.log = std::move(log);
    LogReader{recording, watched, before}.run();
    return recording;
}

}  // namespace amphora::power

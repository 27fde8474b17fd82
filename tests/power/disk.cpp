#include "power/disk.hpp"

#include <algorithm>
#include <functional>

namespace amphora::power {
namespace {

std::size_t index(Node node) {
    return static_cast<std::size_t>(node);
}

void apply(const Event& change, Names& names) {
    const auto left = names.find(change.from);
    if (left != names.end() && left->second == change.node) names.erase(left);
    if (!change.to.is_none()) names[change.to] = change.node;
}

/// The path of every named file and directory, each directory before what is in it.
template <class Visit>
void walk(const Names& names, Node directory, const std::string& path, Visit&& visit) {
    for (auto at = names.lower_bound({directory, {}});
         at != names.end() && at->first.directory == directory; ++at) {
        const std::string here = path.empty() ? at->first.name : path + "/" + at->first.name;
        visit(here, at->second);
        walk(names, at->second, here, visit);
    }
}

}  // namespace

struct Disk::Cut {
    Loss loss;
    Moment until;  ///< where Loss::earlier ends
    workload::Dice& dice;
};

Disk::Disk(const Recording& recording, std::string bears_garbage)
    : recording_{recording},
      bears_garbage_{std::move(bears_garbage)},
      kept_names_{recording.names} {
    for (const Image::Content& content : recording.contents) {
        contents_.push_back({content ? std::make_shared<std::string>(*content) : nullptr, {}});
    }
    for (const Event& event : recording.events) {
        const bool ends = event.action == Action::sync || event.is_synced;
        if (ends && event.returned != never) by_return_.push_back(&event);
    }
    std::ranges::sort(by_return_, {}, &Event::returned);
}

void Disk::advance(Moment moment) {
    // A sync covers what had returned before it began, so events are counted in the order of their
    // beginnings up to it.
    for (; returned_ < by_return_.size() && by_return_[returned_]->returned <= moment;
         ++returned_) {
        const Event& event = *by_return_[returned_];
        for (;
             begun_ < recording_.events.size() && recording_.events[begun_].begun <= event.returned;
             ++begun_) {
            begin(recording_.events[begun_]);
        }
        end(event);
    }
    for (; begun_ < recording_.events.size() && recording_.events[begun_].begun <= moment;
         ++begun_) {
        begin(recording_.events[begun_]);
    }
    now_ = moment;
}

void Disk::begin(const Event& event) {
    if (event.action == Action::name) {
        pending_names_.push_back(&event);
    } else if (event.action != Action::sync) {
        contents_[index(event.node)].pending.push_back(&event);
    }
}

void Disk::end(const Event& event) {
    Content& content = contents_[index(event.node)];
    if (event.action != Action::sync) return keep_alone(event);
    if (content.kept == nullptr) return keep_names(event.node, event.begun);
    keep(content, event.begun);
}

// Images share their contents.
std::string& Disk::Content::to_change() {
    if (kept.use_count() > 1) kept = std::make_shared<std::string>(*kept);
    return *kept;
}

void Disk::keep(Content& content, Moment before) {
    std::string& kept = content.to_change();
    std::erase_if(content.pending, [&](const Event* change) {
        if (change->returned >= before) return false;
        FileLoss::apply(*change, kept);
        return true;
    });
}

// A synchronous write also makes durable the blocks that it shares with earlier writes and, because
// it needs its size, everything before an earlier truncation.
void Disk::keep_alone(const Event& write) {
    Content& content = contents_[index(write.node)];
    std::string& kept = content.to_change();
    constexpr std::uint64_t block = FileLoss::block_bytes;
    const std::uint64_t begin = write.offset / block * block;
    const std::uint64_t end = (write.offset + write.bytes.size() + block - 1) / block * block;
    Moment sized = 0;
    for (const Event* change : content.pending) {
        const bool resizes = change->action == Action::resize && change->begun < write.begun;
        if (resizes) sized = std::max(sized, change->begun);
    }
    std::erase_if(content.pending, [&](const Event* change) {
        const bool touches = change->action == Action::write && change->offset < end &&
                             change->offset + change->bytes.size() > begin;
        const bool is_kept =
            change == &write || change->begun <= sized || (touches && change->begun < write.begun);
        if (is_kept) FileLoss::apply(*change, kept);
        return is_kept;
    });
}

// A rename between directories also makes durable the earlier changes of the directory that it
// leaves.
void Disk::keep_names(Node directory, Moment before) {
    std::set<WrittenRange> left;
    std::set<const Event*> kept;
    for (auto at = pending_names_.rbegin(); at != pending_names_.rend(); ++at) {
        const Event& change = **at;
        const bool here = change.from.directory == directory || change.to.directory == directory;
        const bool is_kept = (here && change.begun < before) || left.contains(change.from) ||
                             left.contains(change.to);
        if (!is_kept) continue;
        kept.insert(&change);
        if (!change.from.is_none()) left.insert(change.from);
    }
    std::erase_if(pending_names_, [&](const Event* change) {
        if (!kept.contains(change)) return false;
        apply(*change, kept_names_);
        return true;
    });
}

Image Disk::seen() const {
    workload::Dice none{0};
    Cut cut{Loss::nothing, never, none};
    return image_of(names_after(cut), cut);
}

std::set<std::string> Disk::mapped() const {
    workload::Dice none{0};
    Cut cut{Loss::nothing, never, none};
    std::set<std::string> paths;
    walk(names_after(cut), Node::watched, {}, [&](const std::string& path, Node node) {
        if (recording_.mapped.contains(node)) paths.insert(path);
    });
    return paths;
}

Image Disk::lose(Loss loss, workload::Dice& dice) const {
    // Within the last few changes: earlier ones have mostly been synced.
    const Moment until = now_ - std::min(now_, dice.below(std::uint64_t{4} << dice.below(8)));
    Cut cut{loss, until, dice};
    return image_of(names_after(cut), cut);
}

Names Disk::names_after(Cut& cut) const {
    const std::size_t all = pending_names_.size();
    std::size_t first = 0;   // from here on ...
    std::size_t last = all;  // ... to there they arrived, ...
    bool any = false;        // ... or some of them
    switch (cut.loss) {
        case Loss::nothing:
            break;
        case Loss::all:
            last = 0;
            break;
        case Loss::earlier:
            last = static_cast<std::size_t>(std::ranges::count_if(
                pending_names_, [&](const Event* change) { return change->begun < cut.until; }));
            break;
        case Loss::last_name:
            first = all == 0 ? 0 : all - 1;
            break;
        case Loss::names:
        case Loss::mixed:
            any = true;
            break;
        default:
            last = cut.dice.once_in(2) ? all : cut.dice.below(all + 1);
            any = cut.dice.once_in(3);
    }
    Names names = kept_names_;
    for (std::size_t at = first; at < last; ++at) {
        if (!any || cut.dice.once_in(2)) apply(*pending_names_[at], names);
    }
    return names;
}

Image Disk::image_of(const Names& names, Cut& cut) const {
    Image image;
    walk(names, Node::watched, {}, [&](const std::string& path, Node node) {
        if (contents_[index(node)].kept == nullptr) {
            image.directories.insert(path);
        } else {
            image.files.emplace(path, content_after(path, node, cut));
        }
    });
    return image;
}

Image::Content Disk::content_after(const std::string& path, Node node, Cut& cut) const {
    const Content& content = contents_[index(node)];
    Loss loss = cut.loss;
    if (recording_.mapped.contains(node) && loss != Loss::nothing) {
        return std::make_shared<const std::string>(
            workload::filler(cut.dice(), content.kept->size()));
    }
    if (loss == Loss::mixed) loss = Loss{static_cast<std::uint8_t>(cut.dice.below(losses))};
    if (loss == Loss::files) loss = cut.dice.once_in(2) ? Loss::nothing : Loss::all;
    if (loss == Loss::last_name) loss = Loss::all;
    if (content.pending.empty() || loss == Loss::all) return content.kept;

    const FileLoss file{*content.kept, content.pending};
    switch (loss) {
        case Loss::earlier:
            return std::make_shared<const std::string>(file.until(cut.until));
        case Loss::later:
            return std::make_shared<const std::string>(file.later(cut.dice));
        case Loss::blocks:
            return std::make_shared<const std::string>(file.blocks(cut.dice));
        case Loss::torn:
            return std::make_shared<const std::string>(
                file.torn(cut.dice, !bears_garbage_.empty() && path.starts_with(bears_garbage_)
                                        ? TornSector::garbage
                                        : TornSector::whole));
        default:
            return std::make_shared<const std::string>(file.until(never));
    }
}

}  // namespace amphora::power

#include "database/live/live_page.hpp"

#include "codec/bytes_io.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <optional>
#include <type_traits>

namespace amphora::live {
namespace {

constexpr std::uint32_t format_newest = 1;

/// Writes and reads by one list of fields, so that the two cannot disagree.
class Writing {
  public:
    void text(std::string& value) { codec::append_counted(out, value); }
    void number(std::uint64_t& value) { codec::append_varint(out, value); }
    void moment(std::int64_t& value) { codec::append_i64(out, value); }
    template <class List, class Each>
    void list(List& list, Each each) {
        codec::append_varint(out, list.size());
        for (auto& one : list) each(one);
    }
    void uuid(Uuid& value) {
        out.append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
    }
    Buffer out;
};

class Reading {
  public:
    explicit Reading(codec::BytesReader& from) : from_{from} {}
    void text(std::string& value) { value = from_.counted(); }
    void number(std::uint64_t& value) { value = from_.varint(); }
    void moment(std::int64_t& value) { value = from_.i64(); }
    template <class List, class Each>
    void list(List& list, Each each) {
        const std::uint64_t count = from_.varint();
        list.clear();
        for (std::uint64_t i = 0; i < count; ++i) each(list.emplace_back());
    }
    void uuid(Uuid& value) {
        const Bytes bytes = from_.bytes(value.bytes.size());
        std::copy(bytes.begin(), bytes.end(), value.bytes.begin());
    }

  private:
    codec::BytesReader& from_;
};

/// Any type of number.
template <class Io, class Number>
void number_of(Io& io, Number& value) {
    auto wide = static_cast<std::uint64_t>(value);
    io.number(wide);
    value = static_cast<Number>(wide);
}
template <class Io, class... Number>
void numbers(Io& io, Number&... each) {
    (number_of(io, each), ...);
}

template <class Io>
void exchange(Io& io, std::optional<DateTime>& moment) {
    bool is_there = moment.has_value();
    number_of(io, is_there);
    if (!is_there) return;
    std::int64_t us = moment ? moment->microseconds : 0;
    io.moment(us);
    moment = DateTime{us};
}

template <class Io>
void exchange(Io& io, OwnerPart& part) {
    io.uuid(part.identity.database);
    io.uuid(part.identity.timeline);
    numbers(io, part.generation, part.state, part.epoch);
    io.list(part.pins, [&](Pin& pin) {
        numbers(io, pin.number, pin.from);
        io.moment(pin.until_ms);
    });
}

template <class Io>
void exchange(Io& io, Distribution& distribution) {
    numbers(io, distribution.count, distribution.p50_us, distribution.p90_us, distribution.p99_us,
            distribution.max_us);
}

template <class Io>
void exchange(Io& io, JournalReport& journal) {
    numbers(io, journal.recycled, journal.durable, journal.visible, journal.published,
            journal.bytes_live, journal.bytes_max, journal.segments_live, journal.segments_spare,
            journal.feed_bytes, journal.feed_bytes_max, journal.commits, journal.frames,
            journal.syncs, journal.bytes_written);
    io.list(journal.feeds, [&](FeedReport& feed) {
        io.text(feed.name);
        numbers(io, feed.when_full, feed.after, feed.commits, feed.bytes);
    });
}

template <class Io>
void exchange(Io& io, TreeReport& tree) {
    io.text(tree.name);
    numbers(io, tree.delivered, tree.held, tree.bytes_on_disk, tree.bytes_free, tree.bytes_memory,
            tree.map_bytes_max, tree.entries, tree.readers, tree.oldest_reader_ms,
            tree.pending_bytes, tree.deliveries);
    exchange(io, tree.window);
    io.text(tree.health);
}

template <class Io>
void exchange(Io& io, RecoveryReport& recovery) {
    numbers(io, recovery.closed_cleanly, recovery.frames_copied, recovery.bytes_cut,
            recovery.commits_replayed);
    io.text(recovery.cut_place);
    io.list(recovery.left_out, [&](std::string& what) { io.text(what); });
}

template <class Io>
void exchange(Io& io, Statistics& statistics) {
    io.text(statistics.database);
    io.text(statistics.timeline);
    number_of(io, statistics.epoch);
    exchange(io, statistics.journal);
    for (TreeReport& tree : statistics.trees) exchange(io, tree);
    numbers(io, statistics.snapshots, statistics.snapshot_oldest_ms, statistics.snapshot_retries,
            statistics.reads, statistics.commits, statistics.rollbacks, statistics.observers);
    exchange(io, statistics.commit_time);
    exchange(io, statistics.recovery);
    io.list(statistics.retention, [&](RetentionReport& report) {
        io.text(report.collection);
        number_of(io, report.expired);
        exchange(io, report.last_round);
        exchange(io, report.oldest_expired);
        io.text(report.problem);
    });
    io.text(statistics.archive_directory);
    io.text(statistics.archive_problem);
    number_of(io, statistics.archive_from);
}

template <class Io>
void exchange(Io& io, FiguresPart& figures) {
    io.moment(figures.taken_ms);
    exchange(io, figures.statistics);
}

template <class Content>
Buffer write(Content& content) {
    Writing writing;
    codec::append_u32(writing.out, format_newest);
    exchange(writing, content);
    return std::move(writing.out);
}

template <class Content>
Content read(Bytes bytes, std::string_view what) {
    codec::BytesReader from{bytes, what};
    const std::uint32_t format = from.u32();
    if (format > format_newest) {
        throw Error{
            ErrorCode::newer_format,
            fmt::format("the file LIVE has format {}, this version of the library reads {}; "
                        "use the version that has the database open",
                        format, format_newest)};
    }
    Content content;
    Reading reading{from};
    exchange(reading, content);
    from.require_end();
    return content;
}

}  // namespace

Buffer encode(const OwnerPart& part) {
    OwnerPart copy = part;
    return write(copy);
}

OwnerPart decode_owner_part(Bytes bytes) {
    return read<OwnerPart>(bytes, "the owner's part of LIVE");
}

Buffer encode(FiguresPart figures, std::size_t bytes_max) {
    Statistics& statistics = figures.statistics;
    Buffer bytes = write(figures);
    while (bytes.size() > bytes_max) {
        // The slowest feeds come first.
        if (!statistics.journal.feeds.empty()) {
            statistics.journal.feeds.resize(statistics.journal.feeds.size() / 2);
        } else if (!statistics.retention.empty()) {
            statistics.retention.resize(statistics.retention.size() / 2);
        } else {
            statistics = {};
        }
        bytes = write(figures);
    }
    return bytes;
}

FiguresPart decode_figures(Bytes bytes) {
    return read<FiguresPart>(bytes, "the figures in LIVE");
}

}  // namespace amphora::live

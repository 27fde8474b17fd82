#pragma once

#include "power/record.hpp"
#include "power/recording.hpp"

#include <fcntl.h>

#include <string>
#include <string_view>

namespace amphora::power {

/// The log of a process that never ran. Each call gives the moment at which it began.
class LogByHand {
  public:
    static constexpr const char* watched = "/watched";

    /// A file that is there already, synced with its name.
    LogByHand& with(const std::string& path, const std::string& content) {
        before_.files[path] = std::make_shared<const std::string>(content);
        return *this;
    }
    Moment open(int descriptor, const std::string& path, int flags = O_RDWR | O_CREAT) {
        return put(RecordKind::open, descriptor, static_cast<std::uint64_t>(flags), full(path));
    }
    Moment open_directory(int descriptor) {
        return put(RecordKind::open, descriptor, O_RDONLY, watched);
    }
    Moment begin_write(int descriptor, std::uint64_t offset, std::string_view bytes) {
        return put(RecordKind::write, descriptor, offset, bytes);
    }
    Moment write(int descriptor, std::uint64_t offset, std::string_view bytes) {
        const Moment moment = begin_write(descriptor, offset, bytes);
        returned(moment, static_cast<std::int64_t>(bytes.size()));
        return moment;
    }
    Moment resize(int descriptor, std::uint64_t bytes) {
        return returned(put(RecordKind::resize, descriptor, bytes, {}));
    }
    Moment grow(int descriptor, std::uint64_t bytes) {
        return returned(put(RecordKind::grow, descriptor, bytes, {}));
    }
    Moment clear(int descriptor, std::uint64_t offset, std::uint64_t bytes) {
        return returned(put(RecordKind::clear, descriptor, offset,
                            {reinterpret_cast<const char*>(&bytes), sizeof bytes}));
    }
    Moment begin_sync(int descriptor) { return put(RecordKind::sync, descriptor, 0, {}); }
    Moment sync(int descriptor) { return returned(begin_sync(descriptor)); }
    Moment returned(Moment moment, std::int64_t result = 0) {
        put(RecordKind::returned, -1, moment, {}, result);
        return moment;
    }
    Moment rename(const std::string& from, const std::string& to) {
        return put(RecordKind::rename, -1, 0, full(from) + '\0' + full(to));
    }
    Moment remove(const std::string& path) { return put(RecordKind::remove, -1, 0, full(path)); }
    Moment make_directory(const std::string& path) {
        return put(RecordKind::make_directory, -1, 0, full(path));
    }
    Moment map(int descriptor) { return put(RecordKind::map, descriptor, 0, {}); }
    Moment say(const std::string& text) { return put(RecordKind::say, 1, 0, text); }
    Moment offend(const std::string& text) { return put(RecordKind::offence, -1, 0, text); }

    [[nodiscard]] std::string bytes() const { return log_; }
    [[nodiscard]] Recording recording() const { return Recording::read(log_, watched, before_); }

  private:
    static std::string full(const std::string& path) { return std::string{watched} + "/" + path; }
    Moment put(RecordKind kind, int descriptor, std::uint64_t argument, std::string_view data,
               std::int64_t result = 0) {
        const RecordHead head{++last_,
                              argument,
                              result,
                              descriptor,
                              static_cast<std::uint32_t>(data.size()),
                              static_cast<std::uint64_t>(kind)};
        log_.append(reinterpret_cast<const char*>(&head), sizeof head);
        log_ += data;
        return last_;
    }

    Image before_;
    std::string log_;
    Moment last_ = 0;
};

}  // namespace amphora::power

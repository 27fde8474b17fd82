#pragma once

#include "codec/json/text.hpp"
#include "database/json/change_json.hpp"

#include <amphora/feed_json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace amphora::detail {

/// Turns the changes of a feed into Debezium's messages; counts those of the current commit.
class DebeziumState {
  public:
    DebeziumState(const FormSource& from, const DebeziumOptions& options);

    std::vector<DebeziumMessage> messages(const Change& change);
    std::vector<DebeziumMessage> flush();

  private:
    using Messages = std::vector<DebeziumMessage>;
    enum class Last : std::uint8_t { no, yes };

    void add_schema(Messages& messages, const Change& change) const;
    void add_change(Messages& messages, const Change& change);
    void release_read(Messages& messages, Last last);
    void begin(Messages& messages, const Change& change);
    void end(Messages& messages);
    [[nodiscard]] DebeziumMessage boundary(std::string_view status) const;

    [[nodiscard]] std::string topic_of(const Change& change) const;
    [[nodiscard]] std::string key_of(const Change& change) const;
    void append_source(Buffer& json, const Change& change) const;
    void append_transaction(Buffer& json, const std::string& collection);
    void append_states(codec::JsonObjectText& value, const Change& change) const;
    static void append_event(codec::JsonObjectText& value, const Change& change);
    [[nodiscard]] DebeziumMessage message_of(const Change& change);
    [[nodiscard]] std::string collection_of(const Change& change) const;

    const ChangeJson json_;
    const std::string name_;
    const std::string database_;

    /// The read that was seen last. It is kept back until it is known whether it is the last one.
    std::optional<DebeziumMessage> read_;

    std::optional<Commit> commit_;  ///< whose BEGIN was given, and whose END was not
    std::string transaction_;       ///< its id
    std::int64_t time_us_ = 0;
    std::uint64_t count_ = 0;
    std::vector<std::pair<std::string, std::uint64_t>> counts_;  ///< of each table, in order
};

}  // namespace amphora::detail

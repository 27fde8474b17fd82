#pragma once

#include "cli/line_output.hpp"

#include <amphora/amphora.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace amphora::cli {

enum class Printing : std::uint8_t { readable, plain, debezium, cloudevents };

/// Prints changes: a line for each, or in Debezium's form a line for each message.
class ChangePrinter {
  public:
    /// Throws as `PlainForm` for a column that cannot be masked.
    ChangePrinter(const Database& database, Printing printing,
                  const std::vector<MaskedColumn>& masked);
    ChangePrinter(const Archive& archive, Printing printing,
                  const std::vector<MaskedColumn>& masked);
    ~ChangePrinter();

    /// False if nobody reads the output any more.
    [[nodiscard]] bool print(const Change& change);
    /// After the last change. False if nobody reads the output any more.
    [[nodiscard]] bool finish();

  private:
    template <class Source>
    void begin(const Source& source, Printing printing, const std::vector<MaskedColumn>& masked);
    [[nodiscard]] bool print(const std::vector<DebeziumMessage>& messages);
    /// "POSITION  TIME  update orders {"number": 7}"
    [[nodiscard]] std::string readable(const Change& change) const;

    LineOutput output_;
    const std::unique_ptr<const detail::ChangeJson> parts_;
    std::optional<PlainForm> plain_;
    std::optional<CloudEventsForm> cloudevents_;
    std::optional<DebeziumForm> debezium_;
};

}  // namespace amphora::cli

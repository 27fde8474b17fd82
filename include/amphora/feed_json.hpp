#pragma once

#include <amphora/feed.hpp>

#include <memory>
#include <string>
#include <vector>

/// Changes as JSON, for programs that are not written with this library: a plain form, Debezium's
/// and CloudEvents'.
///
///   PlainForm form{database};
///   while (const Change* change = feed.next()) send(form.line(*change));
///
/// Every message is one line, without its line break. What all forms have in common:
///
/// - A row is an object of its columns, in the order of the table. Whole numbers, FLOAT and DOUBLE
///   are numbers, BOOLEAN is true or false, NULL is null. DECIMAL, DATETIME, DATE, TIME, JSON and
///   an ENUM's member are texts, as `to_string` writes them. A BLOB is a text in Base64. JavaScript
///   rounds whole numbers beyond 2^53; other readers need not.
/// - A document is in relaxed Extended JSON, as `to_json` writes it.
/// - The key of a row is the object of its primary key. The key of a document is its _id. Numbers
///   in an _id that are equal are written alike, so each change of a document has the same key.
/// - The state before is there only where it is stored: `WITH (before = TRUE)`.
/// - A masked column or field has the text "***" as its value, also where it is NULL. Keys are
///   never masked. The payload of an event and the text of a definition are never masked, either.
///
/// A form belongs to the database or the archive that its feeds belong to, and may outlive it. Each of its calls
/// throws what the calls of `Change` throw.
namespace amphora {

class Archive;
class Database;

namespace detail {
class ChangeJson;     // writes the parts of a change; engine/database
struct FormSource;    // whose changes a form shows; engine/database
class DebeziumState;  // what a Debezium form knows of the current commit; engine/database
}  // namespace detail

/// A column whose values no message shows.
struct MaskedColumn {
    std::string source;  ///< the table or collection
    /// The column; of a collection a field, or the path of a field in documents inside: "card.number".
    /// On the way through arrays, every document in them is meant.
    std::string column;
};

/// One object with everything that a change has:
///
///   {"position": "8d5ab0c0e9c04b4e9a55b41c3b9f7d10:1042:3", "commit": 1042, "index": 3,
///    "last": true, "time": "2026-01-31T12:34:56.789012Z", "op": "update", "table": "orders",
///    "key": {"number": 7}, "before": {"number": 7, "total": "1.50"},
///    "after": {"number": 7, "total": "2.50"}, "origin": "till", "correlation": "visit-7"}
///
/// `op` is a `ChangeKind`. The name is in `table`, `collection` or `topic`. `after` is null for an
/// erase. An event has `payload` instead of key and states, and a change of the schema has
/// `definition`. A `read` has neither `index` nor `last`, and its `position` is that of the whole
/// snapshot. `origin`, `correlation` and `causation` are left out where they are empty. An erase of
/// an expired document has `"expired": true`.
class PlainForm {
  public:
    /// Throws `no_such_table`, `no_such_column`, and `invalid_argument` for a masked column of a
    /// primary key, for a masked _id, and for an empty path.
    explicit PlainForm(const Database& database, const std::vector<MaskedColumn>& masked = {});
    explicit PlainForm(const Archive& archive, const std::vector<MaskedColumn>& masked = {});

    [[nodiscard]] std::string line(const Change& change) const;

  private:
    std::shared_ptr<const detail::ChangeJson> json_;
};

struct CloudEventsOptions {
    /// A URI reference. Empty: "/amphora/" and `Statistics::database`.
    std::string source = {};
    std::vector<MaskedColumn> masked = {};
};

/// CloudEvents 1.0 in their JSON format: https://github.com/cloudevents/spec (JSON Event Format).
///
///   {"specversion": "1.0", "id": "8d5ab0c0e9c04b4e9a55b41c3b9f7d10:1042:3",
///    "source": "/amphora/0f9a…", "type": "amphora.row.update", "subject": "orders/7",
///    "time": "2026-01-31T12:34:56.789012Z", "datacontenttype": "application/json",
///    "data": {"key": {"number": 7}, "after": {"number": 7, "total": "2.50"}},
///    "correlationid": "visit-7"}
///
/// `id` is the position; of a `read`, whose position is that of the whole snapshot, the position, a
/// slash and the subject. `type` is "amphora.row." or "amphora.document." with the kind of the
/// change, "amphora.schema", or the topic of an event. `subject` is the table or collection with
/// the values of the key, separated by slashes; an event has none. In a subject, a slash, a percent
/// sign, and characters that the specification forbids are percent-encoded. `data` has key, before
/// and after; of an event it is the payload. The extension attributes `origin`, `correlationid` and
/// `causationid` are left out where they are empty. The erase of an expired document has the
/// extension attribute `"expired": true`.
class CloudEventsForm {
  public:
    /// Throws as `PlainForm`.
    explicit CloudEventsForm(const Database& database, const CloudEventsOptions& options = {});
    explicit CloudEventsForm(const Archive& archive, const CloudEventsOptions& options = {});

    [[nodiscard]] std::string line(const Change& change) const;

  private:
    CloudEventsForm(const detail::FormSource& from, const CloudEventsOptions& options);

    std::shared_ptr<const detail::ChangeJson> json_;
    std::string source_;
};

/// A message for a topic of a broker. `key` and `value` are JSON; a tombstone has the value "null".
struct DebeziumMessage {
    std::string topic;
    std::string key;
    std::string value;

    /// {"topic": ..., "key": ..., "value": ...}
    [[nodiscard]] std::string line() const;
};

struct DebeziumOptions {
    /// The logical name, with which all topics begin: `topic.prefix` of a connector.
    std::string name = "amphora";
    /// The name of the database in messages and topics. Empty: the name of its directory, or of the
    /// archive's, without ".amphora". A program that may move the directory gives it a name of its own.
    std::string database = {};
    std::vector<MaskedColumn> masked = {};
};

/// Debezium's envelope, without schemas, as its connectors for PostgreSQL and MongoDB write it:
/// https://debezium.io/documentation/reference/3.0/connectors/postgresql.html
///
///   {"before": null, "after": {"number": 7, "total": "2.50"},
///    "source": {"version": "0.1.0", "connector": "amphora", "name": "amphora",
///               "ts_ms": 1769862896789, "ts_us": ..., "ts_ns": ..., "snapshot": "false",
///               "db": "app", "sequence": "[\"1042\",\"3\"]", "table": "orders", "txId": 1042,
///               "position": "8d5ab0c0e9c04b4e9a55b41c3b9f7d10:1042:3"},
///    "op": "c", "ts_ms": 1769862896790, "ts_us": ..., "ts_ns": ...,
///    "transaction": {"id": "8d5ab0c0e9c04b4e9a55b41c3b9f7d10:1042", "total_order": 3,
///                    "data_collection_order": 1}}
///
/// - `op` is c (insert), u (update), d (erase), r (read, of a snapshot) or m (an event). After each
///   d comes a tombstone: the same key, and no value.
/// - A row is an object. A document is the text of its JSON, and its key is {"id": the text of its
///   _id}, as the connector for MongoDB has them. `before` of an erased row whose state before is
///   not stored has only its primary key.
/// - `source` of the erase of an expired document has `"expired": true`.
/// - An event is {"prefix": its topic, "content": its payload's JSON in Base64}.
/// - A change of the schema has `ddl`. It belongs to no transaction.
/// - Before the first change of a commit comes a message with the status BEGIN, and after its last
///   one END, with the numbers of those that were shown.
///
/// | topic | messages |
/// |---|---|
/// | name.database.table | changes of a table or collection |
/// | name.message | events |
/// | name.transaction | BEGIN and END |
/// | name | changes of the schema |
///
/// Each character of a topic that is no letter or digit of ASCII, dot, dash or underscore becomes
/// an underscore; `source` has the name as it is.
///
/// Used by one thread at a time, with the changes of one feed, in their order. After a call that has
/// thrown, make another form, and continue after the last position that was stored.
class DebeziumForm {
  public:
    /// Throws as `PlainForm`.
    explicit DebeziumForm(const Database& database, const DebeziumOptions& options = {});
    explicit DebeziumForm(const Archive& archive, const DebeziumOptions& options = {});
    DebeziumForm(DebeziumForm&&) noexcept;
    DebeziumForm& operator=(DebeziumForm&&) noexcept;
    ~DebeziumForm();

    /// The messages of a change. The last row or document of a snapshot is marked as such; it is
    /// known to be the last one when another change or `flush` follows, so each `read` comes with
    /// the call after its own.
    [[nodiscard]] std::vector<DebeziumMessage> messages(const Change& change);
    /// What is still owed: the last `read`, and the END of a commit whose last changes were not
    /// selected. For when `Feed::next` has returned null after its timeout, and always before the
    /// program stores the feed's position. If more changes of that commit follow, they come with a
    /// BEGIN of their own.
    [[nodiscard]] std::vector<DebeziumMessage> flush();

  private:
    std::unique_ptr<detail::DebeziumState> state_;
};

}  // namespace amphora

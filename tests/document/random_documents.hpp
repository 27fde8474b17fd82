#pragma once

#include "support/random.hpp"

#include <amphora/document.hpp>

#include <cstdint>
#include <string>

/// Documents, filters and updates made at random from few names and few values, so that they meet.
namespace amphora::document {

class RandomDocuments {
  public:
    explicit RandomDocuments(support::Random& random) : random_{random} {}

    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

    BsonValue scalar() {
        switch (below(12)) {
            case 0:
                return nullptr;
            case 1:
                return static_cast<double>(below(4));
            case 2:
                return static_cast<std::int64_t>(below(4));
            case 3:
                return Decimal{static_cast<int>(below(40)), 1};
            case 4:
                return std::string(1, static_cast<char>('a' + below(3)));
            case 5:
                return below(2) == 0;
            case 6:
                return BsonValue::date_ms(static_cast<std::int64_t>(below(3)));
            // Beyond what a key holds: only the last letter tells them apart.
            case 7:
                return below(8) == 0 ? std::string(500, 'l') + std::to_string(below(3)) : "l";
            default:
                return static_cast<std::int32_t>(below(4));
        }
    }
    BsonValue value(int depth = 2) {
        if (depth == 0 || below(3) != 0) return scalar();
        if (below(2) == 0) {
            Array array;
            for (auto count = below(4); count > 0; --count) array.append(value(depth - 1));
            return array;
        }
        return fields(depth - 1);
    }
    Document fields(int depth) {
        Document document;
        for (const char* name : {"x", "y", "0"}) {
            if (below(2) == 0 && (name[0] != '0' || below(6) == 0)) {
                document.append(name, value(depth));
            }
        }
        return document;
    }
    /// Without an _id.
    Document document() {
        Document document;
        for (const char* name : {"a", "b", "c", "u"}) {
            if (below(4) == 0) continue;
            if (below(4) == 0) {
                document.append(name, Array{fields(0), fields(0)});
            } else {
                document.append(name, value());
            }
        }
        if (below(4) != 0) document.append("n", static_cast<std::int32_t>(below(5)));
        return document;
    }

    std::string path() {
        static constexpr const char* paths[]{"a",   "b", "c",     "n",     "a.x",   "a.y", "a.0",
                                             "b.x", "u", "a.0.x", "a.x.y", "c.x.0", "_id"};
        return paths[below(std::size(paths))];
    }

    Document filter(int depth = 2) {
        Document filter;
        if (depth > 0 && below(6) == 0) {
            static constexpr const char* logic[]{"$and", "$or", "$nor"};
            Array parts;
            for (auto count = 1 + below(2); count > 0; --count) {
                parts.append(this->filter(depth - 1));
            }
            filter.append(logic[below(3)], parts);
        }
        // Two paths through one array, which an index holds side by side.
        if (below(8) == 0) {
            return filter.append("a.x", static_cast<std::int32_t>(below(4)))
                .append("a.y", static_cast<std::int32_t>(below(4)));
        }
        for (auto count = 1 + below(2); count > 0; --count) {
            const std::string name = path();
            if (!filter.field(name)) filter.append(name, condition(depth));
        }
        return filter;
    }

    Document update() {
        Document update;
        static constexpr const char* paths[]{"a", "b.x", "c", "a.0", "n", "u", "a.x"};
        const char* path = paths[below(std::size(paths))];
        switch (below(8)) {
            case 0:
                return fields(1).append("n", static_cast<std::int32_t>(below(5)));
            case 1:
                return update.append("$unset", Document{{path, 1}});
            case 2:
                return update.append("$inc", Document{{path, 1}});
            case 3:
                return update.append("$push", Document{{path, value()}});
            case 4:
                return update.append("$pull", Document{{path, scalar()}});
            case 5:
                return update.append("$rename", Document{{path, "d"}});
            default:
                return update.append("$set", Document{{path, value()}});
        }
    }

  private:
    /// Of an element of an array: also of one that is an array itself.
    std::string element_path() {
        static constexpr const char* paths[]{"x", "y", "0", "x.y", "0.x"};
        return paths[below(std::size(paths))];
    }
    BsonValue condition(int depth) {
        static constexpr const char* orders[]{"$gt", "$gte", "$lt", "$lte"};
        switch (below(9)) {
            case 0:
            case 1:
            case 2:
                return value(1);
            case 3:
                return Document{{orders[below(4)], scalar()}};
            case 4:
                return Document{{orders[below(2)], scalar()}, {orders[2 + below(2)], scalar()}};
            case 5:
                return Document{{"$in", Array{scalar(), value(1), scalar()}}};
            case 6:
                return Document{{"$ne", scalar()}};
            case 7:
                return Document{{"$exists", below(2) == 0}};
            default:
                if (depth == 0) return scalar();
                switch (below(3)) {
                    case 0:
                        return Document{{"$elemMatch", Document{{orders[below(2)], scalar()},
                                                                {orders[2 + below(2)], scalar()}}}};
                    case 1:
                        return Document{{"$elemMatch", Document{{element_path(), value(1)}}}};
                    default:
                        return Document{{"$not", Document{{orders[below(4)], scalar()}}}};
                }
        }
    }

    support::Random& random_;
};

}  // namespace amphora::document

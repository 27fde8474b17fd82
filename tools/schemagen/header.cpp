#include "schemagen/header.hpp"

#include "schemagen/members.hpp"
#include "schemagen/names.hpp"

#include "codec/utf8.hpp"

#include <fmt/format.h>

#include <set>
#include <utility>
#include <vector>

namespace amphora::schemagen {

namespace {

/// Compilers bound the length of one literal (MSVC: 16 KB); adjacent literals are joined.
constexpr std::size_t literal_bytes_max = 12'000;

struct EnumNames {
    std::string name;
    std::vector<std::string> enumerators;
};

struct TableNames {
    std::string row;      ///< the struct of a row as it is read
    std::string new_row;  ///< the struct of a row to insert
    std::string constant;
    std::vector<std::string> members;
    std::vector<EnumNames> enums;  ///< by column; empty for a column that is no ENUM
};

std::string raw_literal(std::string_view text) {
    std::string delimiter = "sql";
    for (int number = 1; text.find(")" + delimiter + "\"") != std::string_view::npos; ++number) {
        delimiter = fmt::format("sql{}", number);
    }
    std::string literal;
    do {
        const std::string_view part = codec::first_bytes(text, literal_bytes_max);
        text.remove_prefix(part.size());
        literal += fmt::format("{}R\"{}({}){}\"", literal.empty() ? "" : "\n    ", delimiter, part,
                               delimiter);
    } while (!text.empty());
    return literal;
}

class Header {
  public:
    explicit Header(const HeaderSource& source) : source_{source} {
        for (const catalog::Table& table : source_.definition.tables) name_table(table);
        for (std::size_t i = 0; i < names_.size(); ++i) {
            names_[i].new_row = take_type("New" + struct_name(source_.definition.tables[i].name));
        }
        for (const catalog::Table& table : source_.definition.tables) name_members(table);
    }

    std::string run() {
        line("// Generated from {} by amphora-schemagen. Do not edit.", source_.file_name);
        line("#pragma once\n");
        line("#include <amphora/amphora.hpp>\n");
        line(
            "#include <cstdint>\n#include <optional>\n#include <string>\n#include <string_view>\n"
            "#include <tuple>\n");
        line("namespace {} {{\n", source_.namespace_name);
        const auto& tables = source_.definition.tables;
        for (std::size_t i = 0; i < tables.size(); ++i) add_table(tables[i], names_[i]);
        for (const catalog::Collection& collection : source_.definition.collections) {
            line("inline constexpr amphora::Collection {}{{{}}};",
                 scope_.take(identifier(collection.name)), string_literal(collection.name));
        }
        line("");
        // After the tables and collections, which keep their names where an index has the same.
        for (std::size_t i = 0; i < tables.size(); ++i) add_indexes(tables[i], names_[i]);
        line("\ninline constexpr amphora::Schema schema{{{}, {}}};\n",
             string_literal(source_.schema_name), raw_literal(source_.text));
        line("}}  // namespace {}\n", source_.namespace_name);
        for (std::size_t i = 0; i < tables.size(); ++i) add_traits(tables[i], names_[i]);
        return std::move(text_);
    }

  private:
    template <class... Argument>
    void line(fmt::format_string<Argument...> format, Argument&&... arguments) {
        text_ += fmt::format(format, std::forward<Argument>(arguments)...) + "\n";
    }

    std::string take_type(std::string name) {
        name = scope_.take(std::move(name));
        types_.insert(name);
        return name;
    }

    void name_table(const catalog::Table& table) {
        TableNames names;
        names.row = take_type(struct_name(table.name));
        names.enums.resize(table.columns.size());
        for (std::size_t place = 0; place < table.columns.size(); ++place) {
            const catalog::Column& column = table.columns[place];
            if (column.type.type != catalog::Type::enumeration) continue;
            EnumNames& names_of = names.enums[place];
            names_of.name = take_type(names.row + pascal_case(column.name));
            Scope enumerators;
            for (const std::string& member : column.type.members) {
                names_of.enumerators.push_back(enumerators.take(enumerator_name(member)));
            }
        }
        names_.push_back(std::move(names));
    }

    /// Called after all types have names, because no member may hide one.
    void name_members(const catalog::Table& table) {
        TableNames& names =
            names_[static_cast<std::size_t>(&table - source_.definition.tables.data())];
        Scope members{types_};
        for (const catalog::Column& column : table.columns) {
            names.members.push_back(members.take(identifier(column.name)));
        }
    }

    void add_table(const catalog::Table& table, TableNames& names) {
        for (std::size_t place = 0; place < table.columns.size(); ++place) {
            if (!names.enums[place].name.empty()) {
                add_enum(table.columns[place], names.enums[place]);
            }
        }
        line("/// A row of {} as it is read.", table.name);
        line("struct {} {{", names.row);
        for (std::size_t place = 0; place < table.columns.size(); ++place) {
            line("    {} {}{{}};", optional_type(table.columns[place], names.enums[place]),
                 names.members[place]);
        }
        line("}};");
        line("/// A row to insert. What it does not name takes its DEFAULT.");
        line("struct {} {{", names.new_row);
        for (std::size_t place = 0; place < table.columns.size(); ++place) {
            const catalog::Column& column = table.columns[place];
            if (is_required(column)) {
                line("    amphora::Required<{}> {};",
                     member_type(column.type, names.enums[place].name), names.members[place]);
            } else {
                line("    {} {} = {};", optional_type(column, names.enums[place]),
                     names.members[place],
                     initializer(column, default_enumerator(column, names.enums[place])));
            }
        }
        line("}};");
        names.constant = scope_.take(identifier(table.name));
        line("inline constexpr amphora::TypedTable<{}> {}{{{}}};\n", names.row, names.constant,
             string_literal(table.name));
    }

    static std::string optional_type(const catalog::Column& column, const EnumNames& names) {
        const std::string type = member_type(column.type, names.name);
        return column.not_null ? type : "std::optional<" + type + ">";
    }

    static std::string default_enumerator(const catalog::Column& column, const EnumNames& names) {
        const Value* literal = std::get_if<Value>(&column.default_value);
        if (names.name.empty() || literal == nullptr || literal->is_null()) return {};
        const auto& members = column.type.members;
        for (std::size_t i = 0; i < members.size(); ++i) {
            if (members[i] == literal->as<std::string>()) {
                return names.name + "::" + names.enumerators[i];
            }
        }
        return {};
    }

    void add_enum(const catalog::Column& column, const EnumNames& names) {
        std::string list;
        std::string cases;
        for (std::size_t i = 0; i < names.enumerators.size(); ++i) {
            list += (i == 0 ? "" : ", ") + names.enumerators[i];
            cases += fmt::format("        case {}::{}: return {};\n", names.name,
                                 names.enumerators[i], string_literal(column.type.members[i]));
        }
        line("enum class {} : {} {{ {} }};", names.name,
             names.enumerators.size() <= 256 ? "std::uint8_t" : "std::uint16_t", list);
        line("/// As the schema spells it.");
        line("[[nodiscard]] constexpr std::string_view to_string({} value) noexcept {{",
             names.name);
        line("    switch (value) {{\n{}    }}\n    return {{}};\n}}\n", cases);
    }

    void add_indexes(const catalog::Table& table, const TableNames& names) {
        for (const catalog::Index& index : table.indexes) {
            std::string types;
            for (const std::uint32_t place : index.places) {
                types += ", " + key_type(table.columns[place].type, names.enums[place].name,
                                         KeyUse::index);
            }
            line("inline constexpr amphora::{}<{}{}> {}{{{}, {}}};",
                 index.unique ? "TypedUniqueIndex" : "TypedIndex", names.row, types,
                 scope_.take(identifier(index.name)), string_literal(table.name),
                 string_literal(index.name));
        }
    }

    void add_traits(const catalog::Table& table, const TableNames& names) {
        const std::string row = fmt::format("{}::{}", source_.namespace_name, names.row);
        const auto qualified = [&](std::uint32_t place) {
            const std::string& name = names.enums[place].name;
            return name.empty() ? name : fmt::format("{}::{}", source_.namespace_name, name);
        };
        std::string key;
        for (const std::uint32_t place : table.primary_key) {
            key += (key.empty() ? "" : ", ") +
                   key_type(table.columns[place].type, qualified(place), KeyUse::primary_key);
        }
        const std::string new_row = fmt::format("{}::{}", source_.namespace_name, names.new_row);
        std::string columns;
        std::string new_members;
        for (std::size_t place = 0; place < table.columns.size(); ++place) {
            const char* comma = place == 0 ? "" : ",";
            columns +=
                fmt::format("{}\n        amphora::column({}, &{}::{})", comma,
                            string_literal(table.columns[place].name), row, names.members[place]);
            new_members += fmt::format("{}\n        &{}::{}", comma, new_row, names.members[place]);
        }
        line("template <>\nstruct amphora::TableTraits<{}> {{", row);
        line("    static constexpr std::string_view name = {};", string_literal(table.name));
        line("    using Key = std::tuple<{}>;", key);
        line("    using New = {};", new_row);
        line("    static constexpr auto columns = std::make_tuple({});", columns);
        line("    static constexpr auto new_members = std::make_tuple({});\n}};", new_members);
    }

    const HeaderSource& source_;
    Scope scope_{{"schema", "to_string"}};
    std::set<std::string> types_;
    std::vector<TableNames> names_;
    std::string text_;
};

}  // namespace

std::string make_header(const HeaderSource& source) {
    return Header{source}.run();
}

}  // namespace amphora::schemagen

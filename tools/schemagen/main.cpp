#include "catalog/language/parser.hpp"
#include "schemagen/header.hpp"
#include "schemagen/names.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// amphora-schemagen: reads a schema and writes its C++ header. Exit code 0; 1 for an error in the
// schema or a file, with its place; 2 for a wrong call.

namespace {

constexpr std::string_view usage =
    "usage: amphora-schemagen --schema FILE.sql [--with FILE.sql ...] [--namespace NAME] [--output "
    "FILE.hpp]\n"
    "  --schema     the schema to make a header of\n"
    "  --with       a schema to whose tables it refers; they get no structs in this header\n"
    "  --namespace  of the header; otherwise the name of the schema's file\n"
    "  --output     where to write it; otherwise to standard output\n";

struct Call {
    std::string schema;
    std::vector<std::string> with;
    std::string namespace_name;
    std::string output;
};

std::optional<Call> parse_call(const std::vector<std::string>& arguments) {
    Call call;
    for (std::size_t i = 0; i < arguments.size(); i += 2) {
        if (i + 1 == arguments.size()) return std::nullopt;
        const std::string& value = arguments[i + 1];
        if (arguments[i] == "--schema" && call.schema.empty()) {
            call.schema = value;
        } else if (arguments[i] == "--with") {
            call.with.push_back(value);
        } else if (arguments[i] == "--namespace" && call.namespace_name.empty()) {
            call.namespace_name = value;
        } else if (arguments[i] == "--output" && call.output.empty()) {
            call.output = value;
        } else {
            return std::nullopt;
        }
    }
    if (call.schema.empty()) return std::nullopt;
    return call;
}

std::string read_file(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    std::ostringstream text;
    if (file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
    if (!file.is_open() || file.bad()) {
        throw amphora::Error{amphora::ErrorCode::io_error, fmt::format("{}: cannot be read", path)};
    }
    return std::move(text).str();
}

void write_file(const std::string& path, const std::string& text) {
    std::ofstream file{path, std::ios::binary | std::ios::trunc};
    file << text;
    file.close();
    if (!file) {
        throw amphora::Error{amphora::ErrorCode::io_error,
                             fmt::format("{}: cannot be written", path)};
    }
}

/// The tables for which the header is made: those of the schema itself, without those of other
/// schemas.
amphora::catalog::Definition own_definition(const Call& call, const std::string& text) {
    namespace catalog = amphora::catalog;
    std::vector<std::string> texts;
    texts.reserve(call.with.size());
    for (const std::string& path : call.with) texts.push_back(read_file(path));
    std::vector<catalog::SchemaText> others;
    others.reserve(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) others.push_back({texts[i], call.with[i]});
    const catalog::Definition base = catalog::parse_schemas(others);
    const catalog::SchemaText own{text, call.schema};
    catalog::Definition definition = catalog::parse_schemas({&own, 1}, base);
    std::erase_if(definition.tables, [&](const catalog::Table& table) {
        return table.if_not_exists && base.find_table(table.name) != nullptr;
    });
    std::erase_if(definition.collections, [&](const catalog::Collection& collection) {
        return collection.if_not_exists && base.find_collection(collection.name) != nullptr;
    });
    return definition;
}

int run(const Call& call) {
    const std::filesystem::path path{call.schema};
    const std::string stem = path.stem().string();
    const std::string name =
        call.namespace_name.empty() ? amphora::schemagen::identifier(stem) : call.namespace_name;
    if (!amphora::schemagen::is_namespace(name)) {
        fmt::print(stderr, "amphora-schemagen: '{}' is no name of a namespace\n", name);
        return 2;
    }
    const std::string text = read_file(call.schema);
    const amphora::catalog::Definition definition = own_definition(call, text);
    const std::string header =
        amphora::schemagen::make_header({definition, text, path.filename().string(), stem, name});
    if (call.output.empty()) {
        fmt::print("{}", header);
    } else {
        write_file(call.output, header);
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const auto call = parse_call({argv + 1, argv + argc});
        if (!call) {
            fmt::print(stderr, "{}", usage);
            return 2;
        }
        return run(*call);
    } catch (const amphora::Error& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 1;
    } catch (const std::exception& error) {
        fmt::print(stderr, "amphora-schemagen: {}\n", error.what());
        return 1;
    }
}

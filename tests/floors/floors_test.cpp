// The layering: what engine/FLOORS says about includes is true of every file.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path source{AMPHORA_SOURCE_DIR};

struct Rule {
    std::string folder;
    std::string text;
};

/// A subfolder of a floor's folder, or the folder itself.
struct Room {
    std::string owner;  // "codec"
    int place = 0;      // among the rooms of its owner, lowest first
};

/// engine/FLOORS as data.
struct Floors {
    std::map<std::string, int> folder;  // "tree/lmdb" -> 2
    std::map<std::string, Room> rooms;  // "codec/json" -> codec, 3; every folder is in it
    std::map<std::string, int> header;  // "error.hpp" -> 0
    std::set<std::string> shared;
    std::vector<Rule> only;
    std::vector<std::string> light;
};

Floors read_floors(std::istream& file) {
    Floors floors;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words{line};
        std::string kind;
        words >> kind;
        if (kind.empty() || kind[0] == '#') continue;
        int floor = 0;
        std::string name;
        std::string says;
        std::string text;
        if (kind == "floor") {
            words >> floor >> name;
            floors.folder[name] = floor;
            floors.rooms[name] = {name, 0};
        } else if (kind == "rooms") {
            words >> name;
            int place = 0;
            for (std::string room; words >> room; ++place) {
                floors.rooms[room == "." ? name : name + "/" + room] = {name, place};
            }
        } else if (kind == "public") {
            words >> floor >> name;
            floors.header[name] = floor;
        } else if (kind == "shared") {
            words >> name;
            floors.shared.insert(name);
        } else if (kind == "only") {
            words >> name >> says >> text;
            floors.only.push_back({name, text});
        } else if (kind == "light") {
            words >> name;
            floors.light.push_back(name);
        } else {
            ADD_FAILURE() << "engine/FLOORS: unknown word " << kind;
        }
    }
    return floors;
}

Floors floors() {
    std::ifstream file{source / "engine/FLOORS"};
    return read_floors(file);
}

struct Include {
    int line = 0;
    std::string name;
    bool quoted = false;
};

std::vector<Include> includes_of(std::istream& file) {
    std::vector<Include> found;
    int number = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        const std::size_t hash = line.find_first_not_of(" \t");
        if (hash == std::string::npos || line[hash] != '#') continue;
        if (line.find("include", hash) == std::string::npos) continue;
        const std::size_t open = line.find_first_of("<\"");
        if (open == std::string::npos) continue;
        const std::size_t close = line.find_first_of(">\"", open + 1);
        found.push_back({number, line.substr(open + 1, close - open - 1), line[open] == '"'});
    }
    return found;
}

bool is_source(const fs::path& path) {
    return path.extension() == ".hpp" || path.extension() == ".cpp";
}

std::vector<fs::path> sources_below(const std::string& folder) {
    std::vector<fs::path> found;
    if (!fs::exists(source / folder)) return found;
    for (const auto& entry : fs::recursive_directory_iterator(source / folder)) {
        if (entry.is_regular_file() && is_source(entry.path())) found.push_back(entry.path());
    }
    return found;
}

/// What is wrong with one include of a file in an engine folder; empty: nothing.
std::string judge(const Floors& floors, const std::string& folder, const Include& include) {
    const Room& room = floors.rooms.at(folder);
    const int here = floors.folder.at(room.owner);
    if (include.name.starts_with("amphora/")) {
        const std::string header = include.name.substr(8);
        const auto known = floors.header.find(header);
        if (known == floors.header.end()) return header + " is not in engine/FLOORS";
        if (known->second > here) return "climbs to the public header " + header;
        return {};
    }
    if (!include.quoted) return {};
    const auto other = floors.rooms.find(fs::path{include.name}.parent_path().string());
    if (other == floors.rooms.end()) return "includes " + include.name + " of an unknown folder";
    const std::string& owner = other->second.owner;
    if (owner == room.owner) {
        return other->second.place > room.place ? "climbs to the room " + other->first : "";
    }
    const int there = floors.folder.at(owner);
    if (there > here) return "climbs to " + owner;
    if (there == here && !floors.shared.contains(owner)) return "includes its neighbour " + owner;
    return {};
}

/// Which of the rules about libraries an include breaks, for a file in `folder` (from the top).
std::string judge_library(const Floors& floors, const std::string& folder, const Include& include) {
    for (const Rule& rule : floors.only) {
        const bool is_inside = folder == rule.folder || folder.starts_with(rule.folder + "/");
        if (include.name.starts_with(rule.text) && !is_inside) {
            return "only " + rule.folder + " may include " + include.name;
        }
    }
    return {};
}

/// Someone adds a handy include. If it climbs, or is of a neighbour, others will follow, and in a
/// year every folder knows every other. The same holds for the rooms of a folder.
TEST(Floors, NoIncludeClimbsOrReachesSideways) {
    const Floors rules = floors();
    ASSERT_FALSE(rules.folder.empty());
    int files = 0;
    for (const fs::path& path : sources_below("engine")) {
        const std::string folder = fs::relative(path.parent_path(), source / "engine").string();
        ASSERT_TRUE(rules.rooms.contains(folder)) << folder << " is not in engine/FLOORS";
        std::ifstream file{path};
        for (const Include& include : includes_of(file)) {
            const std::string wrong = judge(rules, folder, include);
            EXPECT_EQ(wrong, "") << path << ":" << include.line;
        }
        ++files;
    }
    EXPECT_GT(files, 50);
}

/// Two libraries, two folders: all traps of LMDB and RocksDB are handled in one place each.
TEST(Floors, OneFolderSpeaksToEachLibrary) {
    const Floors rules = floors();
    for (const std::string top : {"engine", "include", "tools"}) {
        for (const fs::path& path : sources_below(top)) {
            const std::string folder = fs::relative(path.parent_path(), source).string();
            std::ifstream file{path};
            for (const Include& include : includes_of(file)) {
                EXPECT_EQ(judge_library(rules, folder, include), "") << path << ":" << include.line;
            }
        }
    }
}

/// What users include stays cheap to parse, and says nothing of the engine's inside.
TEST(Floors, PublicHeadersAreLightAndStandAlone) {
    const Floors rules = floors();
    for (const fs::path& path : sources_below("include")) {
        ASSERT_TRUE(rules.header.contains(path.filename().string())) << path;
        const int here = rules.header.at(path.filename().string());
        std::ifstream file{path};
        for (const Include& include : includes_of(file)) {
            EXPECT_FALSE(include.quoted)
                << path << ":" << include.line << " reaches into the engine";
            for (const std::string& heavy : rules.light) {
                EXPECT_FALSE(heavy.ends_with('/') ? include.name.starts_with(heavy)
                                                  : include.name == heavy)
                    << path << ":" << include.line << " includes " << include.name;
            }
            if (include.name.starts_with("amphora/")) {
                EXPECT_LE(rules.header.at(include.name.substr(8)), here)
                    << path << ":" << include.line << " climbs";
            }
        }
    }
}

/// A folder's library links only lower ones, so that a forgotten include check is found by the
/// linker.
TEST(Floors, LibrariesLinkDownwards) {
    const Floors rules = floors();
    int libraries = 0;
    for (const auto& [folder, floor] : rules.folder) {
        std::ifstream file{source / "engine" / folder / "CMakeLists.txt"};
        ASSERT_TRUE(file) << folder;
        std::stringstream text;
        text << file.rdbuf();
        for (const auto& [other, other_floor] : rules.folder) {
            std::string target = "amphora_" + other;
            for (char& letter : target) letter = letter == '/' ? '_' : letter;
            // The whole word: amphora_tree is not amphora_tree_lmdb.
            const std::string all = text.str();
            for (std::size_t at = all.find(target); at != std::string::npos;
                 at = all.find(target, at + 1)) {
                const std::size_t end = at + target.size();
                if (end < all.size() && (std::isalnum(all[end]) != 0 || all[end] == '_')) continue;
                if (folder == other) continue;
                EXPECT_TRUE(other_floor < floor || rules.shared.contains(other))
                    << folder << " links " << other;
            }
        }
        ++libraries;
    }
    EXPECT_GE(libraries, 10);
}

/// The test itself can fail: a climbing include, a neighbour, a foreign library are named.
TEST(Floors, NamesWhatDoesNotFit) {
    const Floors rules = floors();
    std::istringstream text{"#include \"outbox/outbox.hpp\"\n#include <lmdb.h>\n"};
    const std::vector<Include> found = includes_of(text);
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(judge(rules, "base", found[0]), "climbs to outbox");
    EXPECT_EQ(judge(rules, "database", found[0]), "");
    EXPECT_EQ(judge(rules, "document", {1, "relational/row/row.hpp", true}),
              "includes its neighbour relational");
    EXPECT_EQ(judge(rules, "stores", {1, "document/statement.hpp", true}), "");
    EXPECT_EQ(judge(rules, "stores", {1, "database/reader_state.hpp", true}), "climbs to database");
    EXPECT_EQ(judge(rules, "stores", {1, "amphora/reader.hpp", false}),
              "climbs to the public header reader.hpp");
    EXPECT_EQ(judge(rules, "codec/bson", {1, "codec/json/parser.hpp", true}),
              "climbs to the room codec/json");
    EXPECT_EQ(judge(rules, "codec/json", {1, "codec/bson/writer.hpp", true}), "");
    EXPECT_EQ(judge(rules, "base", {1, "amphora/database.hpp", false}),
              "climbs to the public header database.hpp");
    EXPECT_NE(judge_library(rules, "engine/base", found[1]), "");
    EXPECT_EQ(judge_library(rules, "engine/tree/lmdb", found[1]), "");
    EXPECT_EQ(judge_library(rules, "engine/tree/lmdb/room", found[1]), "");
}

}  // namespace

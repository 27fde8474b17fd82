#pragma once

#include "base/file.hpp"
#include "base/identity_file.hpp"
#include "catalog/evolution/stored_catalog.hpp"
#include "database/shop.hpp"
#include "tree/lmdb/lmdb_tree.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace amphora::shop {

/// A closed shop in which bits of the relational store's file are flipped.
class DamagedShop : public testing::Test {
  protected:
    [[nodiscard]] std::string path() const { return directory_.database(); }
    static std::string name_of(int customer) { return "guest" + std::to_string(customer) + "!"; }
    static void add_visitor(Transaction& tx, int customer) {
        const auto id = add_customer(tx, name_of(customer));
        tx.insert(visits, {{"_id", customer}, {"customer_id", id}});
    }
    /// Makes the stores the only place of what was committed: an opening begins a new segment, and
    /// both stores hold what is in the earlier ones.
    void age_journal() const {
        for (int times = 0; times < 2; ++times) Database::open(path()).close();
    }

    /// The present state of the shop, put back at the end.
    class Copy {
      public:
        explicit Copy(const DamagedShop& shop) : path_{shop.path()} {
            std::filesystem::copy(path_, path_ + ".sound",
                                  std::filesystem::copy_options::recursive);
        }
        ~Copy() {
            std::filesystem::remove_all(path_);
            std::filesystem::remove_all(path_ + ".damaged");
            std::filesystem::rename(path_ + ".sound", path_);
        }
        Copy(const Copy&) = delete;
        Copy& operator=(const Copy&) = delete;

      private:
        std::string path_;
    };

    /// Flips one bit, `offset` bytes after the beginning of each place that has `text`: pages of
    /// earlier commits have it, too.
    void flip_in_all(const std::string& text, std::size_t offset) const {
        std::string bytes = read_pages();
        std::size_t times = 0;
        for (std::size_t at = 0; (at = bytes.find(text, at)) != std::string::npos; ++times) {
            bytes[at + offset] = static_cast<char>(bytes[at + offset] ^ 1);
            ++at;
        }
        ASSERT_GT(times, 0u) << text;
        write_pages(bytes);
    }
    /// Like a damaged key that hides entries from a search: every page is valid, and entries are
    /// missing.
    void hide_from_catalog(const std::string& text) const {
        const Identity identity = read_identity(operating_system_files(), path())->identity;
        const auto tree =
            lmdb::open_lmdb(path() + "/relational", identity, tree::OpenMode::read_write);
        std::vector<Buffer> keys;
        const auto view = tree->view();
        const auto cursor = view->cursor();
        const Buffer end = catalog::stored::keys_upper();
        for (cursor->seek(catalog::stored::keys_lower()); cursor->valid(); cursor->next()) {
            if (cursor->key() >= end) break;
            if (cursor->value().find(text) != Bytes::npos) keys.emplace_back(cursor->key());
        }
        ASSERT_FALSE(keys.empty());
        std::vector<tree::Change> changes;
        for (const Buffer& key : keys) changes.push_back({.key = key, .value = std::nullopt});
        tree->apply(changes, tree->delivered());
        tree->hold();
    }
    /// Flips a bit of the number in the counter of customers.
    void flip_in_counter(std::int64_t number) const {
        std::string entry{counter_key};
        for (int shift = 56; shift >= 0; shift -= 8) {
            entry += static_cast<char>(static_cast<std::uint64_t>(number) >> shift & 0xFF);
        }
        flip_in_all(entry, entry.size() - 4);
    }
    /// Flips a bit of the space number in the key of the row with that name; bit 0 is the lowest.
    void flip_in_space_of_row(const std::string& name, int bit) const {
        std::string bytes = read_pages();
        const std::string text = name + name;  // its e-mail address begins with it
        std::size_t times = 0;
        for (std::size_t at = 0; (at = bytes.find(text, at)) != std::string::npos; ++at) {
            const std::size_t key = bytes.rfind(rows_key, at);
            if (key == std::string::npos || at - key > 40) continue;
            const auto place = key + 3 - static_cast<std::size_t>(bit) / 8;
            bytes[place] = static_cast<char>(bytes[place] ^ 1 << bit % 8);
            ++times;
        }
        ASSERT_GT(times, 0u);
        write_pages(bytes);
    }
    /// Flips a bit in an entry of the index over e-mail addresses.
    void flip_in_index_entry(const std::string& email) const {
        std::string bytes = read_pages();
        std::size_t times = 0;
        for (std::size_t at = 0; (at = bytes.find(email, at)) != std::string::npos; ++at) {
            const std::size_t key = bytes.rfind(index_key, at);
            if (key == std::string::npos || at - key > 6) continue;
            bytes[at] = static_cast<char>(bytes[at] ^ 1);
            ++times;
        }
        ASSERT_GT(times, 0u);
        write_pages(bytes);
    }

    /// The lines that the last repair quarantined under a name.
    [[nodiscard]] std::vector<std::string> quarantined(const std::string& name) const {
        std::vector<std::string> lines;
        std::ifstream file{path() + "/quarantine.jsonl"};
        for (std::string line; std::getline(file, line);) {
            if (line.find("\"name\": \"" + name + "\"") != std::string::npos) lines.push_back(line);
        }
        return lines;
    }

    Directory directory_;

  private:
    // The first spaces that are given: rows of customers, their counter, the index.
    static constexpr std::string_view rows_key{"\0\0\0\x10", 4};
    static constexpr std::string_view counter_key{"\0\0\0\x11", 4};
    static constexpr std::string_view index_key{"\0\0\0\x12", 4};

    [[nodiscard]] std::string pages() const { return path() + "/relational/data.mdb"; }
    [[nodiscard]] std::string read_pages() const {
        std::stringstream text;
        text << std::ifstream{pages(), std::ios::binary}.rdbuf();
        return std::move(text).str();
    }
    void write_pages(const std::string& bytes) const {
        std::ofstream{pages(), std::ios::binary | std::ios::trunc} << bytes;
    }
};

}  // namespace amphora::shop

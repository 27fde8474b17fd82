#include "demo_work/restaurants.hpp"

#include "console/progress_bar.hpp"
#include "console/text_table.hpp"
#include "console/units.hpp"
#include "inspections.hpp"
#include "loading/json_file.hpp"
#include "mission.hpp"

#include <amphora/amphora.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <map>
#include <vector>

namespace amphora::demo {

namespace {

using console::TextTable;
using console::with_commas;
constexpr auto right = TextTable::Align::right;

constexpr std::size_t batch_documents = 500;

struct Counts {
    std::uint64_t regions = 0, stores = 0, grades = 0;
    std::map<std::string, std::uint64_t> rejected;  // reason -> how many
    std::vector<std::string> examples;
};

/// A text of the input without which there is no row.
std::string require_text(DocumentView document, std::string_view path) {
    const auto field = document.find(path);
    const auto text = field ? field->as_text() : std::nullopt;
    if (!text) {
        throw Error{ErrorCode::not_null_violation, fmt::format("there is no {}", path)};
    }
    return std::string{*text};
}

/// A coordinate, rounded to the column's six digits.
Decimal require_coordinate(DocumentView document, std::string_view path) {
    const auto field = document.find(path);
    const auto degrees = field ? field->as_double() : std::nullopt;
    if (!degrees) throw Error{ErrorCode::not_null_violation, "there are no coordinates"};
    return rescale(parse_decimal(fmt::format("{:.12f}", *degrees)), 6);
}

class Normalizer {
  public:
    /// One denormalized document becomes a region (if it is new), a store and a document of
    /// inspections.
    void add(Transaction& tx, DocumentView restaurant) {
        const auto savepoint = tx.savepoint();
        try {
            const std::uint64_t grades = insert(tx, restaurant);
            ++counts.stores;
            counts.grades += grades;
        } catch (const Error& error) {
            tx.rollback_to(savepoint);
            if (is_our_trouble(error.code())) throw;
            ++counts.rejected[error.what()];
            const auto name = restaurant.find("name");
            counts.examples.push_back(fmt::format(
                "{} (restaurant_id {}): {}", name ? name->as_text().value_or("?") : "?",
                to_json(restaurant.find("restaurant_id").value_or(BsonView{})), error.what()));
        }
    }

    Counts counts;

  private:
    static bool is_our_trouble(ErrorCode code) {
        return code == ErrorCode::disk_full || code == ErrorCode::io_error ||
               code == ErrorCode::corrupt || code == ErrorCode::needs_reopen ||
               code == ErrorCode::transaction_too_large;
    }

    std::int64_t region_of(Transaction& tx, const std::string& borough) {
        if (const auto region = tx.find(mission::regions_by_region_name, borough)) {
            return region->region_id;
        }
        std::int64_t highest = 0;
        for (const auto& region : tx.scan(mission::regions)) {
            highest = std::max(highest, region.region_id);
        }
        tx.insert(mission::regions, {.region_id = highest + 1, .region_name = borough});
        ++counts.regions;
        return highest + 1;
    }

    std::uint64_t insert(Transaction& tx, DocumentView restaurant) {
        std::uint64_t grades = 0;
        double sum = 0;
        std::optional<DateTime> earliest;
        Array kept;
        if (const auto list = restaurant.find("grades"); list && list->as_array()) {
            for (const Element& grade : *list->as_array()) {
                const DocumentView entry = *grade.value.as_document();
                const auto date = entry.find("date");
                const auto moment = date ? date->as_datetime() : std::nullopt;
                if (moment && (!earliest || *moment < *earliest)) earliest = moment;
                const auto score = entry.find("score");
                sum += score ? score->as_double().value_or(0) : 0;
                kept.append(BsonValue{grade.value});
                ++grades;
            }
        }
        const std::string building = require_text(restaurant, "address.building");
        const std::string street = require_text(restaurant, "address.street");
        const std::string zipcode = require_text(restaurant, "address.zipcode");
        const DateTime created = earliest.value_or(now);
        const auto store = tx.insert(
            mission::stores,
            {.name = require_text(restaurant, "name"),
             .longitude = require_coordinate(restaurant, "address.coord.0"),
             .latitude = require_coordinate(restaurant, "address.coord.1"),
             .type = mission::StoreType::restaurant,
             .address = fmt::format("{} {}, {}", building, street, zipcode),
             .status = mission::StoreStatus::open,
             .created_at = created,
             .updated_at = created,
             .store_score =
                 grades == 0 ? 0.0F : static_cast<float>(sum / static_cast<double>(grades)),
             .region_id = region_of(tx, require_text(restaurant, "borough"))});
        tx.insert(inspections::inspections,
                  {{"store_id", store.store_id},
                   {"cuisine", require_text(restaurant, "cuisine")},
                   {"restaurant_id", require_text(restaurant, "restaurant_id")},
                   {"grades", kept}});
        return grades;
    }
};

void print_sample_queries(const Database& database) {
    const Snapshot now = database.snapshot();

    std::uint64_t failing = 0;
    for ([[maybe_unused]] const DocumentView document :
         now.find(inspections::inspections, R"({"grades.grade": "C"})")) {
        ++failing;
    }
    std::printf("restaurants that were graded C at least once (index over an array): %s\n",
                with_commas(failing).c_str());

    // Documents by cuisine through their index, rows and regions by key, in one snapshot of both
    // stores.
    const auto brooklyn = now.find(mission::regions_by_region_name, std::string{"Brooklyn"});
    struct Hit {
        mission::Store store;
        std::size_t inspections;
    };
    std::vector<Hit> hits;
    for (const DocumentView document :
         now.find(inspections::inspections, R"({"cuisine": "Italian"})")) {
        const auto store = now.find(mission::stores, *document.find("store_id")->as_int64());
        const std::size_t inspections = document.find("grades")->as_array()->count();
        if (store && brooklyn && store->region_id == brooklyn->region_id && inspections >= 4) {
            hits.push_back({*store, inspections});
        }
    }
    const std::size_t shown = std::min<std::size_t>(5, hits.size());
    std::partial_sort(hits.begin(), hits.begin() + static_cast<std::ptrdiff_t>(shown), hits.end(),
                      [](const Hit& left, const Hit& right_hit) {
                          return left.store.store_score < right_hit.store.store_score;
                      });
    std::printf(
        "the cleanest Italian restaurants in Brooklyn, of %zu (fewest points are best):\n\n",
        hits.size());
    TextTable table{{{"name"}, {"address"}, {"score", right}, {"inspections", right}, {"since"}}};
    for (std::size_t place = 0; place < shown; ++place) {
        const mission::Store& store = hits[place].store;
        table.add({store.name, store.address, fmt::format("{:.1f}", store.store_score),
                   std::to_string(hits[place].inspections),
                   to_string(store.created_at).substr(0, 10)});
    }
    std::printf("%s\n", table.text("  ").c_str());
}

}  // namespace

int load_restaurants(const std::string& file, const std::string& directory) {
    std::filesystem::remove_all(directory);
    const std::array schemas{mission::schema, inspections::schema};
    Database database = Database::open(directory, schemas);
    Normalizer normalizer;
    loading::Rejections bad_lines{1000};
    loading::JsonFile input{file, bad_lines};
    console::ProgressBar bar{"  normalizing", input.bytes()};

    std::vector<Document> batch;
    const auto commit_batch = [&] {
        if (batch.empty()) return;
        database.write([&](Transaction& tx) {
            for (const Document& document : batch) normalizer.add(tx, document);
        });
        batch.clear();
        bar.advance_to(input.bytes_read());
    };
    std::uint64_t documents = 0;
    while (auto document = input.next()) {
        ++documents;
        batch.push_back(std::move(*document));
        if (batch.size() == batch_documents) commit_batch();
    }
    commit_batch();
    const double seconds = bar.seconds();
    bar.finish(input.bytes());

    const Counts& counts = normalizer.counts;
    std::uint64_t rejected = bad_lines.count();
    for (const auto& [reason, times] : counts.rejected) rejected += times;
    TextTable table{{{"from"}, {"to"}, {"count", right}}};
    table.add({"restaurants", "(read)", with_commas(documents)});
    table.add({"boroughs", "regions", with_commas(counts.regions)});
    table.add({"restaurants", "stores", with_commas(counts.stores)});
    table.add({"their grades", "inspections", with_commas(counts.grades)});
    table.add({"restaurants", "(rejected)", with_commas(rejected)});
    std::printf("\n%s\n", table.text("  ").c_str());
    std::printf(
        "%s restaurants a second, row and document of each in one transaction\n",
        with_commas(static_cast<std::uint64_t>(static_cast<double>(documents) / seconds)).c_str());
    for (const loading::Rejection& bad : bad_lines.kept()) {
        std::printf("rejected: line %llu: %s\n", static_cast<unsigned long long>(bad.line),
                    bad.reason.c_str());
    }
    for (const std::string& example : counts.examples) {
        std::printf("rejected: %s\n", example.c_str());
    }
    std::printf("\n");
    print_sample_queries(database);

    const CheckReport check = database.check();
    for (const std::string& finding : check.findings) std::printf("check: %s\n", finding.c_str());
    database.close();
    std::printf("restaurants: %llu read, %llu stored, %llu rejected, %zu findings\n",
                static_cast<unsigned long long>(documents),
                static_cast<unsigned long long>(counts.stores),
                static_cast<unsigned long long>(rejected), check.findings.size());
    return check.findings.empty() ? 0 : 1;
}

}  // namespace amphora::demo

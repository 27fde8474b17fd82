#include "database/space_reports.hpp"

#include "catalog/language/print.hpp"

namespace amphora::detail {

namespace {

ColumnReport report_on(const catalog::Column& column) {
    ColumnReport report;
    report.name = column.name;
    report.type = catalog::to_sql(column.type);
    report.not_null = column.not_null;
    return report;
}

std::vector<IndexReport> report_on(const std::vector<catalog::Index>& indexes) {
    std::vector<IndexReport> reports;
    reports.reserve(indexes.size());
    for (const catalog::Index& index : indexes) {
        reports.push_back({index.name, index.columns, index.unique});
    }
    return reports;
}

}  // namespace

bool is_meant(std::string_view name, Spaces spaces) noexcept {
    return spaces == Spaces::all || !catalog::is_system_name(name);
}

std::vector<SpaceReport> space_reports(const catalog::Definition& definition, Spaces spaces) {
    std::vector<SpaceReport> reports;
    for (const catalog::Table& table : definition.tables) {
        if (!is_meant(table.name, spaces)) continue;
        SpaceReport& report = reports.emplace_back();
        report.name = table.name;
        report.is_system = catalog::is_system_name(table.name);
        for (const catalog::Column& column : table.columns) {
            report.columns.push_back(report_on(column));
        }
        for (const std::uint32_t place : table.primary_key) {
            report.columns[place].primary_key = true;
        }
        report.indexes = report_on(table.indexes);
    }
    for (const catalog::Collection& collection : definition.collections) {
        if (!is_meant(collection.name, spaces)) continue;
        SpaceReport& report = reports.emplace_back();
        report.name = collection.name;
        report.is_collection = true;
        report.is_system = catalog::is_system_name(collection.name);
        for (const catalog::Column& field : collection.fields) {
            report.columns.push_back(report_on(field));
        }
        report.indexes = report_on(collection.indexes);
    }
    return reports;
}

}  // namespace amphora::detail

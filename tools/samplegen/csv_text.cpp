#include "samplegen/csv_text.hpp"

#include <fmt/format.h>

namespace amphora::samplegen {

Field::Field(std::string_view value) {
    const bool plain = !value.empty() && value.find_first_of(",\"\r\n") == std::string_view::npos &&
                       value.front() != ' ' && value.back() != ' ';
    if (plain) {
        text_ = value;
        return;
    }
    text_ = '"';
    for (const char letter : value) {
        if (letter == '"') text_ += '"';
        text_ += letter;
    }
    text_ += '"';
}

void CsvText::add(std::initializer_list<Field> fields) {
    bool first = true;
    for (const Field& field : fields) {
        if (!first) text_ += ',';
        text_ += field.text();
        first = false;
    }
    text_ += '\n';
}

std::string json_text(std::string_view text) {
    std::string result = "\"";
    for (const char letter : text) {
        if (letter == '"' || letter == '\\') {
            result += '\\';
            result += letter;
        } else if (letter == '\n') {
            result += "\\n";
        } else {
            result += letter;
        }
    }
    return result + '"';
}

std::string json_date(DateTime moment) {
    std::string text = to_string(DateTime{moment.microseconds / 1000 * 1000});
    text[10] = 'T';
    const std::size_t point = text.find('.');
    std::string millis = point == std::string::npos ? "" : text.substr(point + 1);
    millis.resize(3, '0');
    return fmt::format(R"({{"$date": "{}.{}Z"}})", text.substr(0, 19), millis);
}

std::string json_id(std::uint64_t kind, std::uint64_t number) {
    return fmt::format(R"({{"$oid": "{:08x}{:016x}"}})", 0x695b0000u + kind, number);
}

}  // namespace amphora::samplegen

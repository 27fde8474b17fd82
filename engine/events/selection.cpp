#include <amphora/selection.hpp>

namespace amphora {

std::string_view to_string(ChangeKind kind) noexcept {
    switch (kind) {
        case ChangeKind::insert:
            return "insert";
        case ChangeKind::update:
            return "update";
        case ChangeKind::erase:
            return "erase";
        case ChangeKind::read:
            return "read";
        case ChangeKind::schema:
            return "schema";
        case ChangeKind::event:
            return "event";
    }
    return "unknown";  // a number that no enumerator has
}

}  // namespace amphora

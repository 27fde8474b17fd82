#pragma once

#include <amphora/types.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace amphora {

/// One value of a row, not owned: the form in which values enter the engine and row views return
/// them. Trivially copyable. Text and blobs point to memory that someone else keeps alive: the
/// caller for a write, the snapshot or transaction for a read.
class Cell {
  public:
    enum class Kind : std::uint8_t {
        absent,  ///< no value was given: the column's DEFAULT, AUTO_INCREMENT or NULL applies
        null,
        boolean,
        integer,  ///< BIGINT, INT, SMALLINT
        real,     ///< FLOAT, DOUBLE
        decimal,
        text,  ///< VARCHAR, TEXT, JSON; in a write also the name of an ENUM's member
        blob,
        datetime,
        date,
        time,
        enumeration,     ///< an ENUM's member by its position in the declaration, from 0
        present_moment,  ///< `amphora::now`; only in a write
    };

    constexpr Cell() noexcept : integer_{0} {}

    static constexpr Cell null() noexcept { return Cell{Kind::null}; }
    /// Only for `bool` itself: a pointer, which C++ converts to `bool`, does not compile.
    template <std::same_as<bool> B>
    static constexpr Cell of(B value) noexcept {
        Cell cell{Kind::boolean};
        cell.integer_ = value ? 1 : 0;
        return cell;
    }
    static constexpr Cell of(std::int64_t value) noexcept {
        Cell cell{Kind::integer};
        cell.integer_ = value;
        return cell;
    }
    static constexpr Cell of(double value) noexcept {
        Cell cell{Kind::real};
        cell.real_ = value;
        return cell;
    }
    static constexpr Cell of(const Decimal& value) noexcept {
        Cell cell{Kind::decimal};
        cell.decimal_ = value;
        return cell;
    }
    static constexpr Cell of(std::string_view value) noexcept {
        Cell cell{Kind::text};
        cell.text_ = value;
        return cell;
    }
    static Cell of(std::nullptr_t) = delete;  // see `null`
    static constexpr Cell blob(std::string_view bytes) noexcept {
        Cell cell{Kind::blob};
        cell.text_ = bytes;
        return cell;
    }
    static constexpr Cell of(Now) noexcept { return Cell{Kind::present_moment}; }
    static constexpr Cell of(DateTime value) noexcept {
        if (value.is_now) return of(Now{});
        Cell cell{Kind::datetime};
        cell.integer_ = value.microseconds;
        return cell;
    }
    static constexpr Cell of(Date value) noexcept {
        Cell cell{Kind::date};
        cell.integer_ = value.days;
        return cell;
    }
    static constexpr Cell of(Time value) noexcept {
        Cell cell{Kind::time};
        cell.integer_ = value.microseconds;
        return cell;
    }
    static constexpr Cell enumeration(std::int64_t place) noexcept {
        Cell cell{Kind::enumeration};
        cell.integer_ = place;
        return cell;
    }

    [[nodiscard]] constexpr Kind kind() const noexcept { return kind_; }
    [[nodiscard]] constexpr bool is_null() const noexcept { return kind_ == Kind::null; }
    [[nodiscard]] constexpr bool is_absent() const noexcept { return kind_ == Kind::absent; }

    // Each of these returns the value of a cell of its kind, and throws `type_mismatch` for a cell
    // of another kind.
    [[nodiscard]] constexpr bool boolean() const {
        require(Kind::boolean);
        return integer_ != 0;
    }
    /// Also for an `enumeration` cell: the place of its member.
    [[nodiscard]] constexpr std::int64_t integer() const {
        require(Kind::integer, Kind::enumeration);
        return integer_;
    }
    [[nodiscard]] constexpr double real() const {
        require(Kind::real);
        return real_;
    }
    [[nodiscard]] constexpr const Decimal& decimal() const {
        require(Kind::decimal);
        return decimal_;
    }
    /// Also for a `blob` cell: its bytes.
    [[nodiscard]] constexpr std::string_view text() const {
        require(Kind::text, Kind::blob);
        return text_;
    }
    [[nodiscard]] constexpr DateTime datetime() const {
        require(Kind::datetime);
        return DateTime{integer_};
    }
    [[nodiscard]] constexpr Date date() const {
        require(Kind::date);
        return Date{static_cast<std::int32_t>(integer_)};
    }
    [[nodiscard]] constexpr Time time() const {
        require(Kind::time);
        return Time{integer_};
    }

  private:
    constexpr void require(Kind wanted) const {
        if (kind_ != wanted) [[unlikely]] {
            refuse(wanted);
        }
    }
    constexpr void require(Kind wanted, Kind also) const {
        if (kind_ != wanted && kind_ != also) [[unlikely]] {
            refuse(wanted);
        }
    }
    [[noreturn]] void refuse(Kind wanted) const;

    explicit constexpr Cell(Kind kind) noexcept : kind_{kind}, integer_{0} {}

    Kind kind_ = Kind::absent;
    union {
        std::int64_t integer_;
        double real_;
        Decimal decimal_;
        std::string_view text_;
    };
};
static_assert(std::is_trivially_copyable_v<Cell>);

/// The kind's name in messages, for example "text".
[[nodiscard]] std::string_view to_string(Cell::Kind kind) noexcept;

}  // namespace amphora

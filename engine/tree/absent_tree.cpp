#include "tree/absent_tree.hpp"

#include "base/assert.hpp"

#include <amphora/error.hpp>

namespace amphora::tree {
namespace {

class NoCursor final : public Cursor {
  public:
    void narrow_to(Bytes, Bytes) override {}
    void seek(Bytes) override {}
    void seek_before(Bytes) override {}
    void next() override { AMPHORA_ASSERT(!"a cursor without a position is moved"); }
    void previous() override { next(); }
    [[nodiscard]] bool valid() const override { return false; }
    [[nodiscard]] Bytes key() const override { return {}; }
    [[nodiscard]] Bytes value() const override { return {}; }
};

class NoView final : public ReadView {
  public:
    [[nodiscard]] Mark mark() const override { return {}; }
    [[nodiscard]] std::optional<Bytes> find(Bytes, Buffer&) const override { return std::nullopt; }
    [[nodiscard]] std::unique_ptr<Cursor> cursor(Bytes, Bytes) const override {
        return std::make_unique<NoCursor>();
    }
};

class AbsentTree final : public Tree {
  public:
    explicit AbsentTree(std::string why) : why_{std::move(why)} {}

    [[nodiscard]] std::shared_ptr<const ReadView> view() override { return view_; }
    void apply(std::span<const Change>, const Mark&) override { refuse(); }
    [[nodiscard]] Mark delivered() const override { return {}; }
    [[nodiscard]] Mark held() const override { return {}; }
    void hold() override { refuse(); }
    void require_acceptable(Bytes, std::size_t) const override { refuse(); }
    [[nodiscard]] DiskNeed disk_need(Load) const override { return {}; }
    [[nodiscard]] Room room_for(Load, std::uint64_t) const override { return Room::none; }
    void reclaim() noexcept override {}
    [[nodiscard]] TreeStatistics statistics() const override {
        TreeStatistics statistics;
        statistics.health = why_;
        return statistics;
    }
    void compact() override { refuse(); }
    void copy_to(const std::string&, const Copied&) override { refuse(); }
    void check(Findings& findings) override { findings.report(why_); }

  private:
    [[noreturn]] void refuse() const { throw Error{ErrorCode::read_only, why_}; }

    const std::string why_;
    const std::shared_ptr<const ReadView> view_ = std::make_shared<NoView>();
};

}  // namespace

std::unique_ptr<Tree> make_absent_tree(std::string why) {
    return std::make_unique<AbsentTree>(std::move(why));
}

}  // namespace amphora::tree

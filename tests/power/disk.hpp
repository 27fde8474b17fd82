#pragma once

#include "power/file_loss.hpp"
#include "power/recording.hpp"
#include "workload/dice.hpp"

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace amphora::power {

/// The disk of a recorded run. For each moment it knows what must survive a power cut, and draws
/// what else may.
///
/// Of a file, everything must survive that had returned before a sync began, if that sync has
/// returned; and a write through a synchronous descriptor once it has returned. The same holds for
/// names and a sync of their directory. A name changes at once, with everything that it replaces.
///
/// LMDB and RocksDB rely on sectors that are written as a whole or not at all. In files whose paths
/// begin with `bears_garbage` a sector that was being written may hold anything.
class Disk {
  public:
    explicit Disk(const Recording& recording, std::string bears_garbage = {});

    /// Advances to a later moment.
    void advance(Moment moment);
    /// What a power cut now leaves.
    [[nodiscard]] Image lose(Loss loss, workload::Dice& dice) const;
    /// Everything, as the process sees it.
    [[nodiscard]] Image seen() const;
    /// Paths, as in seen(), of files that memory can change.
    [[nodiscard]] std::set<std::string> mapped() const;

  private:
    struct Content {
        std::shared_ptr<std::string> kept;  ///< none for a directory
        Pending pending;
        std::string& to_change();
    };
    /// The cut that is being drawn.
    struct Cut;

    void begin(const Event& event);
    void end(const Event& event);
    void keep(Content& content, Moment before);
    void keep_alone(const Event& write);
    void keep_names(Node directory, Moment before);
    [[nodiscard]] Names names_after(Cut& cut) const;
    [[nodiscard]] Image image_of(const Names& names, Cut& cut) const;
    [[nodiscard]] Image::Content content_after(const std::string& path, Node node, Cut& cut) const;

    const Recording& recording_;
    std::string bears_garbage_;
    std::vector<const Event*> by_return_;
    std::size_t begun_ = 0;
    std::size_t returned_ = 0;
    Moment now_ = 0;
    std::vector<Content> contents_;  ///< by node
    Names kept_names_;
    Pending pending_names_;
};

}  // namespace amphora::power

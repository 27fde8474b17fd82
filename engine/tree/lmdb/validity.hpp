#pragma once

/// Trust in what is read from a file while another process writes it.
namespace amphora::lmdb {

/// How long the pages of a view are kept. LMDB reuses a page as soon as no reader that it knows
/// needs it, and it does not know readers of other processes that read without its lock file.
///
/// Every reading copies bytes first, then asks here, and only then uses the copy.
class Validity {
  public:
    virtual ~Validity() = default;
    /// Returns if no page of the view has been reused until now. Throws `snapshot_expired` as soon
    /// as one can have been reused, and then always. Called at every reading of the file, so it must
    /// be cheap, and by several threads at once.
    virtual void require() const = 0;
};

}  // namespace amphora::lmdb

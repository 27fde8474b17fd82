// Network file systems: memory maps and locks cannot be trusted there.

#include "pitfalls/world.hpp"

#include <dlfcn.h>
#include <sys/vfs.h>

namespace {

constexpr auto nfs = 0x6969;
std::string pretended;  // everything below it is on NFS

}  // namespace

/// Replaces the C library's function in this whole program.
extern "C" int statfs(const char* path, struct statfs* about) noexcept {
    static const auto real =
        reinterpret_cast<int (*)(const char*, struct statfs*)>(::dlsym(RTLD_NEXT, "statfs"));
    const int status = real(path, about);
    if (status == 0 && !pretended.empty() && std::string{path}.starts_with(pretended)) {
        about->f_type = nfs;
    }
    return status;
}

namespace amphora::pitfalls {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class NetworkFileSystems : public ::testing::Test {
  protected:
    ~NetworkFileSystems() override { pretended.clear(); }
    Directory directory;
};

TEST_F(NetworkFileSystems, AreRefusedByName) {
    pretended = directory.path();
    EXPECT_THAT(error_of_opening(directory.database()),
                AllOf(StartsWith("unsupported_filesystem"), HasSubstr("NFS")));
    EXPECT_FALSE(std::filesystem::exists(directory.database() + "/IDENTITY"));
}

/// Also if only a piece is there, through a link or a mount.
TEST_F(NetworkFileSystems, AreRefusedForAPiece) {
    { const Database db = Database::open(directory.database(), schema); }
    for (const char* const piece : {"relational", "documents"}) {
        pretended = directory.database() + "/" + piece;
        EXPECT_THAT(error_of_opening(directory.database()), StartsWith("unsupported_filesystem"))
            << piece;
    }
}

TEST_F(NetworkFileSystems, AreTakenWhereForced) {
    pretended = directory.path();
    Options options;
    options.network_file_system = NetworkFileSystem::allow;
    for (std::size_t guests = 1; guests <= 2; ++guests) {
        Database db = Database::open(directory.database(), schema, options);
        sign_up(db, "guest" + std::to_string(guests));
        expect_whole(db, guests);
    }
}

}  // namespace
}  // namespace amphora::pitfalls

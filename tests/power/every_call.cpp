// Does to the files of a directory everything that the recorder knows, for its own test.
//
//   amphora-power-every-call DIRECTORY          everything that it follows
//   amphora-power-every-call DIRECTORY OFFENCE  something that it cannot follow: map, stream, copy

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

void require(bool done, const char* call) {
    if (done) return;
    std::perror(call);
    std::_Exit(1);
}
#define REQUIRE(call) require((call) >= 0, #call)

int open_file(const std::string& name, int flags = O_RDWR | O_CREAT) {
    const int descriptor = ::open(name.c_str(), flags, 0644);
    REQUIRE(descriptor);
    return descriptor;
}

std::array<iovec, 2> parts_of(std::string& first, std::string& second) {
    return {iovec{first.data(), first.size()}, iovec{second.data(), second.size()}};
}

void write_contents() {
    std::string first = "first ";
    std::string second = "second ";
    const auto parts = parts_of(first, second);
    const int file = open_file("contents");
    REQUIRE(::write(file, "written ", 8));
    REQUIRE(::writev(file, parts.data(), 2));
    REQUIRE(::pwrite(file, "placed", 6, 4000));
    REQUIRE(::pwritev(file, parts.data(), 2, 9000));
    const int copy = ::dup(file);
    REQUIRE(copy);
    REQUIRE(::close(file));
    REQUIRE(::write(copy, "through a copy", 14));
    REQUIRE(::dup2(copy, 100));
    REQUIRE(::pwrite64(100, "at the end", 10, 12'000));
    REQUIRE(::fdatasync(100));
    REQUIRE(::fsync(copy));

    const int appended = open_file("contents", O_WRONLY | O_APPEND | O_DSYNC);
    REQUIRE(::write(appended, "appended", 8));
    REQUIRE(::fallocate(copy, 0, 0, 20'000));
    REQUIRE(::fallocate(copy, FALLOC_FL_KEEP_SIZE, 0, 40'000));
    REQUIRE(::fallocate(copy, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4001, 3));
    REQUIRE(::posix_fallocate(copy, 0, 21'000));
    REQUIRE(::ftruncate(copy, 20'500));
    REQUIRE(::write(appended, "and on", 6));
    REQUIRE(::close(::creat("emptied", 0644)));
    REQUIRE(::truncate("emptied", 100));
    REQUIRE(::close(open_file("emptied", O_WRONLY | O_TRUNC)));
}

/// The number of a descriptor that a stream or a directory has closed is another's.
void close_in_other_ways() {
    DIR* const directory = ::fdopendir(open_file(".", O_RDONLY | O_DIRECTORY));
    const int file = open_file("read", O_RDONLY | O_CREAT);
    std::FILE* const stream = ::fdopen(file, "r");
    require(directory != nullptr && ::closedir(directory) == 0, "closedir");
    require(stream != nullptr && std::fclose(stream) == 0, "fclose");
    int ends[2];
    REQUIRE(::pipe(ends));
    if (ends[1] != file) std::abort();
    REQUIRE(::write(file, "elsewhere", 9));
    REQUIRE(::close(ends[0]));
    REQUIRE(::close(ends[1]));
    REQUIRE(::unlink("read"));
}

void change_names() {
    REQUIRE(::mkdir("kept", 0755));
    const int kept = open_file("kept", O_RDONLY | O_DIRECTORY);
    REQUIRE(::mkdirat(kept, "inner", 0755));
    REQUIRE(::mkdir("gone", 0755));
    REQUIRE(::rmdir("gone"));
    REQUIRE(::openat(kept, "inner/file", O_RDWR | O_CREAT, 0644));
    for (const char* name : {"a", "b", "c", "d", "e"}) {
        const int file = open_file(name);
        REQUIRE(::write(file, name, 1));
        REQUIRE(::close(file));
    }
    REQUIRE(::rename("a", "kept/a"));
    REQUIRE(::renameat(AT_FDCWD, "b", kept, "a"));
    REQUIRE(::unlink("c"));
    REQUIRE(std::remove("d"));
    REQUIRE(::link("e", "kept/../f"));
    REQUIRE(::unlinkat(AT_FDCWD, "e", 0));
    REQUIRE(::rename("kept/inner", "moved"));
    REQUIRE(::unlinkat(AT_FDCWD, "moved/file", 0));
    REQUIRE(::unlinkat(AT_FDCWD, "moved", AT_REMOVEDIR));
    REQUIRE(::fsync(kept));
}

void offend(const std::string& how) {
    const int file = open_file("f");
    REQUIRE(::write(file, "before", 6));
    if (how == "map") {
        void* const at = ::mmap(nullptr, 6, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        require(at != MAP_FAILED, "mmap");
        static_cast<char*>(at)[0] = 'B';
    } else if (how == "stream") {
        std::FILE* const stream = std::fopen("g", "w");
        require(stream != nullptr && std::fclose(stream) == 0, "fopen");
    } else if (how == "copy") {
        off64_t from = 0;
        REQUIRE(::copy_file_range(file, &from, open_file("g"), nullptr, 6, 0));
    }
}

}  // namespace

int main(int count, char** words) {
    if (count < 2) return 2;
    REQUIRE(::chdir(words[1]));
    if (count > 2) {
        offend(words[2]);
    } else {
        write_contents();
        close_in_other_ways();
        change_names();
    }
    return 0;
}

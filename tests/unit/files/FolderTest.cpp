#include "files/Folder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/support/TempFolder.h"

namespace tsunagi::files {
namespace {

// Asked of the kernel by openat2, and as on a kernel without it.
class FolderTest : public testing::TestWithParam<Folder::Walk> {
 protected:
  Folder folder() { return Folder::open(temp.path(), GetParam()).value(); }
  static std::error_code write(const Folder& folder, const std::string& path) {
    UniqueFd file;
    if (const auto error = folder.openFile(path, O_WRONLY | O_CREAT | O_EXCL, 0600, file)) return error;
    return ::write(file.get(), "bytes", 5) == 5 ? std::error_code() : std::make_error_code(std::errc::io_error);
  }
  test::TempFolder temp;
};
INSTANTIATE_TEST_SUITE_P(Kernels, FolderTest, testing::Values(Folder::Walk::AtOnce, Folder::Walk::ByComponent));

TEST_P(FolderTest, FilesBelowItAreMadeMeasuredRenamedAndRemoved) {
  const Folder all = folder();
  EXPECT_FALSE(all.makeFolders("line/2026-11"));
  EXPECT_FALSE(all.makeFolders("line/2026-11")) << "they are there";
  struct stat info {};
  ASSERT_EQ(::stat(temp.file("line/2026-11").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0750U);
  EXPECT_FALSE(write(all, "line/2026-11/1.jpg"));
  EXPECT_EQ(write(all, "line/2026-11/1.jpg"), std::errc::file_exists);
  uint64_t size = 0;
  EXPECT_FALSE(all.sizeOf("line/2026-11/1.jpg", size));
  EXPECT_EQ(size, 5U);
  EXPECT_FALSE(all.rename("line/2026-11/1.jpg", all, "line/2.jpg"));
  EXPECT_FALSE(all.syncParentOf("line/2.jpg"));
  EXPECT_EQ(all.sizeOf("line/2026-11/1.jpg", size), std::errc::no_such_file_or_directory);
  EXPECT_EQ(temp.read("line/2.jpg"), "bytes");
  EXPECT_FALSE(all.remove("line/2.jpg"));
  EXPECT_FALSE(all.remove("line/2.jpg")) << "gone is gone";
  EXPECT_FALSE(all.remove("nowhere/2.jpg"));
  EXPECT_FALSE(temp.exists("line/2.jpg"));
  EXPECT_GT(all.freeBytes(), 0);
}

TEST_P(FolderTest, NothingLeadsOutOfIt) {
  const test::TempFolder elsewhere;
  elsewhere.write("secret", "secret");
  std::filesystem::create_directory(temp.file("in"));
  std::filesystem::create_directory_symlink(elsewhere.path(), temp.file("out"));
  std::filesystem::create_directory_symlink(elsewhere.path(), temp.file("in/out"));
  std::filesystem::create_symlink(elsewhere.file("secret"), temp.file("link"));
  const Folder all = folder();
  for (const std::string path :
       {"out/new", "in/out/new", "link", "out/secret", "../x", "in/../../x", "/etc/passwd", ""}) {
    UniqueFd file;
    EXPECT_TRUE(all.openFile(path, O_RDWR | O_CREAT, 0600, file)) << path;
    EXPECT_TRUE(all.openFile(path, O_RDONLY, 0, file)) << path;
  }
  EXPECT_TRUE(all.makeFolders("out/deeper"));
  EXPECT_TRUE(all.remove("out/secret"));
  EXPECT_TRUE(all.rename("out/secret", all, "mine"));
  EXPECT_EQ(elsewhere.read("secret"), "secret");
  EXPECT_FALSE(elsewhere.exists("new"));
  EXPECT_FALSE(elsewhere.exists("deeper"));
}

TEST(Folder, PlainPaths) {
  for (const std::string good : {"a", "a/b", "line.shop/2026-11/12.jpg", "日本/写真", "..."})
    EXPECT_TRUE(Folder::isPlainPath(good)) << good;
  for (const std::string bad : {"", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "a/.", "a\nb", "a\x7f"})
    EXPECT_FALSE(Folder::isPlainPath(bad)) << bad;
  EXPECT_FALSE(Folder::isPlainPath(std::string("a\0b", 3)));
  EXPECT_TRUE(Folder::isPlainPath(std::string(255, 'x')));
  EXPECT_FALSE(Folder::isPlainPath(std::string(256, 'x')));
}

TEST(Folder, AFolderThatIsNotThereIsTold) {
  const test::TempFolder temp;
  const auto missing = Folder::open(temp.file("missing"));
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().find("missing"), std::string::npos);
}

}  // namespace
}  // namespace tsunagi::files

#include "model/attachment.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace omakase::model {
namespace {

using std::string_literals::operator""s;

TEST(Attachment, IsWhatItsBytesSay) {
  EXPECT_EQ(media_type_of("\x89PNG\r\n\x1A\n rest"), "image/png");
  EXPECT_EQ(media_type_of("\xFF\xD8\xFF\xE0 rest"), "image/jpeg");
  EXPECT_EQ(media_type_of("GIF89a rest"), "image/gif");
  EXPECT_EQ(media_type_of("RIFF\x01\x02\x03\x04WEBPVP8 "), "image/webp");
  EXPECT_EQ(media_type_of("<svg onload=alert(1)>"), "text/plain");
  EXPECT_EQ(media_type_of("# Größe\n"), "text/plain");
  EXPECT_EQ(media_type_of(""), "text/plain");
}

TEST(Attachment, IsNothingElse) {
  EXPECT_EQ(media_type_of("RIFF\x01\xFF\x03\x04WAVE"s), std::nullopt);
  EXPECT_EQ(media_type_of("%PDF-1.7\n\xE2\xE3\xCF\xD3"), std::nullopt);
  EXPECT_EQ(media_type_of("PK\x03\x04\0\0"s), std::nullopt);
  EXPECT_EQ(media_type_of("with\0nothing"s), std::nullopt);
  EXPECT_EQ(media_type_of("latin \xE4"), std::nullopt);
}

TEST(Attachment, HasANameThatDrawsOverNothing) {
  EXPECT_EQ(file_name("/etc/passwd"), "passwd");
  EXPECT_EQ(file_name("C:\\tmp\\a b.txt"), "a b.txt");
  EXPECT_EQ(file_name("in\nvoice\x1b[1m.txt"), "invoice[1m.txt");
  EXPECT_EQ(file_name("gpj.\xE2\x80\xAE"
                      "exe"),
            "gpj.exe");
  EXPECT_EQ(file_name("Größe \xF0\x9F\x8D\xA3.png"), "Größe \xF0\x9F\x8D\xA3.png");
  EXPECT_EQ(file_name("../"), "file");
  EXPECT_EQ(file_name("\xE2\x80\x8B"), "file");
}

TEST(Attachment, HasANameOfBoundedLengthThatKeepsItsEnding) {
  std::string name;
  for (int i = 0; i < 200; ++i) name += "お";
  const std::string cut = file_name(name + ".jpeg");
  EXPECT_LE(cut.size(), kMaxFileName);
  EXPECT_TRUE(cut.ends_with(".jpeg"));
  EXPECT_TRUE(base::valid_utf8(cut));
}

TEST(Attachment, ReadsBackWhatItWrote) {
  const std::vector<Attachment> some{{"a", "x.png", "image/png", 12}, {"b", "y", "text/plain", 0}};
  EXPECT_EQ(attachments_from_json(attachments_to_json(some)), some);
  EXPECT_TRUE(attachments_from_json({json::value(1), json::value("x")}).empty());
}

}  // namespace
}  // namespace omakase::model

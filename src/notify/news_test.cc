#include "notify/news.h"

#include <gtest/gtest.h>

namespace omakase::notify {
namespace {

using model::RunStatus;

feed::Standing stands(bool busy, std::optional<std::string> attention = std::nullopt, RunStatus status = RunStatus::kCoding) {
  return {.run_id = "run", .status = status, .presence = {busy, std::move(attention)}};
}

std::string told(const std::optional<feed::Standing>& before, const feed::Standing& now) {
  const auto news = news_of(before, now, "Nori");
  return news ? std::string(model::word(news->kind)) + ": " + news->words : "";
}

TEST(News, IsWhatAnAgentAsks) {
  EXPECT_EQ(told(stands(true), stands(true, "permission")), "question: Nori asks permission");
  EXPECT_EQ(told(stands(true), stands(true, "question")), "question: Nori has a question");
  EXPECT_EQ(told(stands(true, "permission"), stands(true, "question")), "question: Nori has a question");
  EXPECT_EQ(told(stands(true, "permission"), stands(true, "permission")), "");
}

TEST(News, IsAnErrorHoweverItShows) {
  EXPECT_EQ(told(stands(true), stands(false, "error")), "error: Nori ran into an error");
  EXPECT_EQ(told(stands(true), stands(false, std::nullopt, RunStatus::kFailed)), "error: Nori ran into an error");
  EXPECT_EQ(told(std::nullopt, stands(false, std::nullopt, RunStatus::kFailed)), "error: Nori ran into an error");
}

TEST(News, IsTheEndOfATurnButNotThatOfARun) {
  EXPECT_EQ(told(stands(true), stands(false)), "turn: Nori is done and waits for you");
  EXPECT_EQ(told(stands(true), stands(false, std::nullopt, RunStatus::kCompleted)), "");
  EXPECT_EQ(told(stands(false), stands(true)), "");
}

TEST(News, IsNoQuestionThatAnEarlierServerHasTold) {
  feed::Standing now = stands(true, "permission");
  now.asked_before = true;
  EXPECT_EQ(told(stands(true), now), "");
}

TEST(News, IsNothingThatWasSoWhenTheRunWasFirstHeardOf) {
  EXPECT_EQ(told(std::nullopt, stands(true, "permission")), "");
  EXPECT_EQ(told(std::nullopt, stands(false)), "");
}

}  // namespace
}  // namespace omakase::notify

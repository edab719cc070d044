#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "sql/Database.h"
#include "tests/service/RelayBench.h"

namespace tsunagi::test {
namespace {

class RelayWebhook : public ::testing::Test, protected RelayBench {
 protected:
  std::string ready() {
    start();
    return addUnit().at("unit").get<std::string>();
  }
};

TEST_F(RelayWebhook, StoresAndAnswers200) {
  const std::string unit = ready();
  EXPECT_EQ(webhook(unit, R"({"events":[]})").status, 200);
  const auto books = json({"unit", "show", unit});
  EXPECT_EQ(books.at("stored_total"), 1);
  EXPECT_EQ(books.at("pending"), 1);
  EXPECT_EQ(books.at("pending_bytes"), 13);
  EXPECT_EQ(books.at("connected"), false);
}

TEST_F(RelayWebhook, RefusesWhatIsNoWebhookOfOneOfItsUnits) {
  ini["limits"]["max_body"] = "2048";
  const std::string unit = ready();
  EXPECT_EQ(webhook("nobody", "{}").status, 404);
  EXPECT_EQ(webhook(unit, "{}", "otherfleet").status, 404);
  EXPECT_EQ(request("POST", listener, "/elsewhere", webhookHeaders(), "{}").status, 404);
  EXPECT_EQ(request("GET", listener, "/gmk/" + unit + "/webhook").status, 405);
  EXPECT_EQ(webhook(unit, std::string(2049, 'x')).status, 413);

  const std::string target = "/gmk/" + unit + "/webhook";
  net::HttpHeaders headers;
  headers.add("Content-Type", "application/json");
  EXPECT_EQ(request("POST", listener, target, headers, "{}").status, 400) << "no signature";
  headers.set("X-Line-Signature", "c2hvcnQ=");
  EXPECT_EQ(request("POST", listener, target, headers, "{}").status, 400) << "a signature of another length";
  headers.set("X-Line-Signature", signature());
  headers.add("X-Line-Signature", signature());
  EXPECT_EQ(request("POST", listener, target, headers, "{}").status, 400) << "two signatures";
  headers = webhookHeaders();
  headers.set("Content-Type", "text/plain");
  EXPECT_EQ(request("POST", listener, target, headers, "{}").status, 400) << "no JSON";

  EXPECT_EQ(json({"unit", "show", unit}).at("stored_total"), 0);
  EXPECT_EQ(webhook(unit, std::string(2048, 'x')).status, 200) << "the form is checked, the content is not";
}

TEST_F(RelayWebhook, AFullBacklogIs503AndOtherUnitsGoOn) {
  ini["limits"]["backlog_events"] = "2";
  const std::string unit = ready();
  const std::string other = addUnit().at("unit");
  EXPECT_EQ(webhook(unit, "1").status, 200);
  EXPECT_EQ(webhook(unit, "2").status, 200);
  EXPECT_EQ(webhook(unit, "3").status, 503);
  EXPECT_EQ(webhook(other, "1").status, 200);
  EXPECT_EQ(json({"unit", "show", unit}).at("stored_total"), 2);
  ini["limits"]["backlog_events"] = "3";
  writeIni();
  relay->signal(SIGHUP);
  EXPECT_TRUE(eventually([&] { return webhook(unit, "3").status == 200; }));
}

TEST_F(RelayWebhook, ADiskNearlyFullIs503AndNotReady) {
  ini["limits"]["min_free"] = "4000000000GiB";
  start();
  const std::string unit = addUnit().at("unit");
  EXPECT_EQ(webhook(unit, "{}").status, 503);
  EXPECT_EQ(request("GET", admin, "/readyz").status, 503);
  EXPECT_EQ(request("GET", admin, "/healthz").status, 200);
  ini["limits"]["min_free"] = "0";
  writeIni();
  relay->signal(SIGHUP);
  EXPECT_TRUE(eventually([&] { return request("GET", admin, "/readyz").status == 200; }));
  EXPECT_EQ(webhook(unit, "{}").status, 200);
}

TEST_F(RelayWebhook, ASuspendedUnitIs503UntilItIsResumed) {
  const std::string unit = ready();
  EXPECT_EQ(cli({"unit", "suspend", unit}).status.code, 0);
  EXPECT_EQ(webhook(unit, "{}").status, 503);
  EXPECT_EQ(cli({"unit", "resume", unit}).status.code, 0);
  EXPECT_EQ(webhook(unit, "{}").status, 200);
}

TEST_F(RelayWebhook, EverythingAnswered200SurvivesKill9) {
  const std::string unit = ready();
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::set<std::string> answered;
  std::mutex mutex;
  int number = 0;
  for (int round = 0; round < 4; ++round) {
    const size_t until = answered.size() + 20 + random() % 100;
    std::atomic<bool> stop{false};
    std::vector<std::thread> senders;
    for (int i = 0; i < 4; ++i)
      senders.emplace_back([&] {
        while (!stop) {
          std::string body;
          {
            const std::lock_guard lock(mutex);
            body = "body-" + std::to_string(++number);
          }
          if (webhook(unit, body).status != 200) continue;
          const std::lock_guard lock(mutex);
          answered.insert(body);
        }
      });
    EXPECT_TRUE(eventually([&] {
      const std::lock_guard lock(mutex);
      return answered.size() >= until;
    }));
    relay->kill9();
    stop = true;
    for (std::thread& sender : senders) sender.join();
    start();
  }
  const auto books = json({"unit", "show", unit});
  EXPECT_GE(books.at("stored_total").get<size_t>(), answered.size());
  EXPECT_EQ(books.at("pending"), books.at("stored_total"));
  EXPECT_EQ(books.at("next_seq").get<size_t>(), books.at("stored_total").get<size_t>() + 1);
  EXPECT_EQ(relay->stop().code, 0);

  sql::Database database(folder.file("data/spool.db"), sql::Database::Mode::ReadOnly);
  std::multiset<std::string> kept;
  sql::Query query = database.query("SELECT body, seq FROM events ORDER BY seq");
  for (int64_t seq = 1; query.step(); ++seq) {
    kept.insert(query.text(0));
    ASSERT_EQ(query.integer(1), seq);
  }
  for (const std::string& body : answered) EXPECT_EQ(kept.count(body), 1u) << body;
}

}  // namespace
}  // namespace tsunagi::test

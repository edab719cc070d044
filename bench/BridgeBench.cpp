// What the bridge costs, with echo and the real programs on loopback: throughput, the time it adds to an answer, memory
// with many conversations, and the store with many messages. Figures of one run and one machine; the ratios travel.
//   bench_bridge [--events N] [--messages N] [--conversations N]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <string>
#include <vector>

#include "base/Clock.h"
#include "sql/Database.h"
#include "store/StoreFile.h"
#include "store/Tables.h"
#include "tests/support/Chain.h"

using namespace tsunagi;
using Time = std::chrono::steady_clock;

namespace {

struct Arguments {
  int events = 3'000;
  int messages = 1'000'000;
  int conversations = 10'000;
};

double msSince(Time::time_point began) {
  return std::chrono::duration<double, std::milli>(Time::now() - began).count();
}

double quantile(std::vector<double> values, double part) {
  std::sort(values.begin(), values.end());
  return values.at(static_cast<size_t>(part * static_cast<double>(values.size() - 1)));
}

long residentKb(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.compare(0, 6, "VmRSS:") == 0) return std::atol(line.c_str() + 6);
  return -1;
}

void awaitAnswers(test::Chain& chain) { chain.awaitQuiet(std::chrono::minutes(10)); }

void throughputAndLatency(const Arguments& arguments) {
  test::Chain chain({.tokenLife = "3600s"});
  chain.startAll();
  chain.ask("warm", "up");
  std::vector<double> times;
  for (int i = 0; i < 300; ++i) {
    const auto began = Time::now();
    chain.ask("user" + std::to_string(i % 50), "hello");
    times.push_back(msSince(began));
  }
  std::printf("webhook to reply, one at a time: p50 %.1f ms, p99 %.1f ms (p99/p50 %.1f)\n", quantile(times, 0.5),
              quantile(times, 0.99), quantile(times, 0.99) / quantile(times, 0.5));
  const auto began = Time::now();
  for (int i = 0; i < arguments.events; i += 10)
    chain.control("POST", "/control/messages",
                  {{"user", "user" + std::to_string(i / 10 % 200)}, {"text", "message"}, {"count", 10}});
  awaitAnswers(chain);
  const double seconds = msSince(began) / 1000;
  const double rate = arguments.events / seconds;
  std::printf("through relay, bridge and echo to LINE: %d events in %.1f s, %.0f events/s (%.1f times one at a time)\n",
              arguments.events, seconds, rate, rate * quantile(times, 0.5) / 1000);
}

void memory(const Arguments& arguments) {
  test::Chain chain({.tokenLife = "3600s"});
  chain.startAll();
  chain.ask("warm", "up");
  const long before = residentKb(chain.bridge().pid());
  for (int i = 0; i < arguments.conversations; ++i) chain.send("user" + std::to_string(i), "hello");
  awaitAnswers(chain);
  const long after = residentKb(chain.bridge().pid());
  std::printf("memory of the bridge: %ld KiB, after %d conversations %ld KiB (%.2f KiB each)\n", before,
              arguments.conversations, after, static_cast<double>(after - before) / arguments.conversations);
}

void manyMessages(const Arguments& arguments) {
  test::TempFolder folder;
  const std::string path = folder.file("bridge.db");
  store::StoreFile file(path, Clock::system());
  store::Tables tables(file);
  const int64_t channel = tables.events.channelNamed("line");
  const auto fill = [&](int from, int to) {
    sql::Database database(path);
    for (int i = from; i < to;) {
      sql::Transaction transaction(database);
      for (const int end = std::min(to, i + 50'000); i < end; ++i)
        database
            .query(
                "INSERT INTO "
                "line_messages(channel_id,conversation,session,message_id,line_user_id,message_type,content,"
                "created_at) VALUES(?,?,1,?,?,'text',?,?)")
            .bind(channel)
            .bind("conversation" + std::to_string(i % 5'000))
            .bind(std::to_string(i))
            .bind(int64_t{i % 5'000 + 1})
            .bind("something somebody said, number " + std::to_string(i))
            .bind(int64_t{i})
            .run();
      transaction.commit();
    }
  };
  for (int i = 0; i < 5'000; ++i) tables.people.person(channel, "U" + std::to_string(i));
  const auto measure = [&] {
    std::vector<double> history, search;
    for (int i = 0; i < 200; ++i) {
      const std::string conversation = "conversation" + std::to_string(i * 7 % 5'000);
      auto began = Time::now();
      tables.messages.history(channel, conversation, 1, 0, 48'000, 200);
      history.push_back(msSince(began));
      began = Time::now();
      tables.messages.search(i * 7 % 5'000 + 1, "number 4", 20);
      search.push_back(msSince(began));
    }
    return std::pair(quantile(history, 0.5), quantile(search, 0.5));
  };
  fill(0, arguments.messages / 100);
  const auto few = measure();
  fill(arguments.messages / 100, arguments.messages);
  const auto many = measure();
  std::printf("history of a conversation: %.2f ms with %d messages, %.2f ms with %d (%.1f times)\n", few.first,
              arguments.messages / 100, many.first, arguments.messages, many.first / few.first);
  std::printf("search by user: %.2f ms with %d messages, %.2f ms with %d (%.1f times)\n", few.second,
              arguments.messages / 100, many.second, arguments.messages, many.second / few.second);
}

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const char* const value = i + 1 < argc ? argv[i + 1] : nullptr;
    int* const number = std::strcmp(argv[i], "--events") == 0          ? &arguments.events
                        : std::strcmp(argv[i], "--messages") == 0      ? &arguments.messages
                        : std::strcmp(argv[i], "--conversations") == 0 ? &arguments.conversations
                                                                       : nullptr;
    if (number == nullptr || value == nullptr || std::atoi(value) < 100) {
      std::fprintf(stderr,
                   "bench_bridge: there are --events N, --messages N and --conversations N, each at least 100\n");
      std::exit(64);
    }
    *number = std::atoi(value);
    ++i;
  }
  return arguments;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = parse(argc, argv);
  try {
    throughputAndLatency(arguments);
    memory(arguments);
    manyMessages(arguments);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench_bridge: %s\n", e.what());
    return 1;
  }
  return 0;
}

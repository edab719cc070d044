#include "relay/admin/MetricsText.h"

#include <gtest/gtest.h>

namespace tsunagi::relay {
namespace {

TEST(MetricsText, WritesEachKindAsPrometheusReadsIt) {
  MetricsText text;
  text.counter("things_total", "Things seen.", 12345678901234567890u);
  text.counterSeconds("work_seconds_total", "Time spent.", 1'500'000);
  text.gauge("ratio", "A part.", 0.25);
  text.family("answers_total", "By class.", "counter");
  text.sample("answers_total", "class", "2xx", 7);
  EXPECT_EQ(text.text(),
            "# HELP tsunagi_relay_things_total Things seen.\n"
            "# TYPE tsunagi_relay_things_total counter\n"
            "tsunagi_relay_things_total 12345678901234567890\n"
            "# HELP tsunagi_relay_work_seconds_total Time spent.\n"
            "# TYPE tsunagi_relay_work_seconds_total counter\n"
            "tsunagi_relay_work_seconds_total 1.5\n"
            "# HELP tsunagi_relay_ratio A part.\n"
            "# TYPE tsunagi_relay_ratio gauge\n"
            "tsunagi_relay_ratio 0.25\n"
            "# HELP tsunagi_relay_answers_total By class.\n"
            "# TYPE tsunagi_relay_answers_total counter\n"
            "tsunagi_relay_answers_total{class=\"2xx\"} 7\n");
}

TEST(MetricsText, AHistogramEndsWithAllOfThem) {
  MetricsText text;
  text.histogramSeconds("wait_seconds", "A wait.", {{0.0025, 1}, {2, 3}}, 4, 2'500'000);
  EXPECT_EQ(text.text(),
            "# HELP tsunagi_relay_wait_seconds A wait.\n"
            "# TYPE tsunagi_relay_wait_seconds histogram\n"
            "tsunagi_relay_wait_seconds_bucket{le=\"0.0025\"} 1\n"
            "tsunagi_relay_wait_seconds_bucket{le=\"2\"} 3\n"
            "tsunagi_relay_wait_seconds_bucket{le=\"+Inf\"} 4\n"
            "tsunagi_relay_wait_seconds_sum 2.5\n"
            "tsunagi_relay_wait_seconds_count 4\n");
}

}  // namespace
}  // namespace tsunagi::relay

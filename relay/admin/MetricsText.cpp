#include "relay/admin/MetricsText.h"

#include <cstdio>

namespace tsunagi::relay {
namespace {

constexpr std::string_view PREFIX = "tsunagi_relay_";

std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.15g", value);
  return text;
}

}  // namespace

void MetricsText::family(std::string_view name, std::string_view help, std::string_view type) {
  for (const auto& [keyword, value] :
       {std::pair<std::string_view, std::string_view>{"# HELP ", help}, {"# TYPE ", type}})
    _text.append(keyword).append(PREFIX).append(name).append(" ").append(value).append("\n");
}

void MetricsText::counter(std::string_view name, std::string_view help, uint64_t value) {
  family(name, help, "counter");
  _text.append(PREFIX).append(name).append(" ").append(std::to_string(value)).append("\n");
}

void MetricsText::counterSeconds(std::string_view name, std::string_view help, uint64_t micros) {
  family(name, help, "counter");
  _text.append(PREFIX).append(name).append(" ").append(number(static_cast<double>(micros) / 1e6)).append("\n");
}

void MetricsText::gauge(std::string_view name, std::string_view help, double value) {
  family(name, help, "gauge");
  _text.append(PREFIX).append(name).append(" ").append(number(value)).append("\n");
}

void MetricsText::sample(std::string_view name, std::string_view label, std::string_view labelValue, uint64_t value) {
  _text.append(PREFIX).append(name).append("{").append(label).append("=\"").append(labelValue).append("\"} ");
  _text.append(std::to_string(value)).append("\n");
}

void MetricsText::histogramSeconds(std::string_view name, std::string_view help,
                                   const std::vector<std::pair<double, uint64_t>>& upTo, uint64_t count,
                                   uint64_t micros) {
  family(name, help, "histogram");
  const std::string buckets = std::string(name) + "_bucket";
  for (const auto& [bound, within] : upTo) sample(buckets, "le", number(bound), within);
  sample(buckets, "le", "+Inf", count);
  _text.append(PREFIX).append(name).append("_sum ").append(number(static_cast<double>(micros) / 1e6)).append("\n");
  _text.append(PREFIX).append(name).append("_count ").append(std::to_string(count)).append("\n");
}

}  // namespace tsunagi::relay

#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tsunagi::relay {

// Builds a page of the Prometheus text format, version 0.0.4. Names get the prefix "tsunagi_relay_". Label values are
// ours, never unit names (S23).
class MetricsText {
 public:
  // A family with one sample.
  void counter(std::string_view name, std::string_view help, uint64_t value);
  void counterSeconds(std::string_view name, std::string_view help, uint64_t micros);
  void gauge(std::string_view name, std::string_view help, double value);
  // A family of samples: family() once, then sample() for each. type: "counter" or "gauge".
  void family(std::string_view name, std::string_view help, std::string_view type);
  void sample(std::string_view name, std::string_view label, std::string_view labelValue, uint64_t value);

  // upTo: seconds and how many took at most that long, by rising bound. count: all; micros: their sum.
  void histogramSeconds(std::string_view name, std::string_view help,
                        const std::vector<std::pair<double, uint64_t>>& upTo, uint64_t count, uint64_t micros);

  const std::string& text() const { return _text; }

 private:
  std::string _text;
};

}  // namespace tsunagi::relay

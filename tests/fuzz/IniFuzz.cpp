// Any bytes: what parse() took in, text() gives back; a change touches one value and is read back as it was set.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "service/ConfigSchema.h"
#include "service/IniDocument.h"
#include "service/Settings.h"

namespace {

using namespace tsunagi::service;

void require(bool holds) {
  if (!holds) std::abort();
}

const ConfigSchema& schema() {
  static const ConfigSchema all = [] {
    ConfigSchema s;
    s.add({.name = "a",
           .form = SectionForm::plainOrFamily,
           .open = true,
           .keys = {{.name = "i", .type = ConfigType::integer, .maximum = 100},
                    {.name = "b", .type = ConfigType::boolean},
                    {.name = "d", .type = ConfigType::duration},
                    {.name = "s", .type = ConfigType::bytes},
                    {.name = "l", .type = ConfigType::list, .choices = {"x", "y"}},
                    {.name = "u", .type = ConfigType::url, .choices = {"https"}},
                    {.name = "n", .type = ConfigType::listen},
                    {.name = "t", .type = ConfigType::secret}}});
    return s;
  }();
  return all;
}

// Nothing a fuzzer makes up may open files.
bool namesFiles(const IniDocument& document) {
  for (const IniDocument::Entry& entry : document.entries())
    if (entry.key.size() >= 5 && entry.key.compare(entry.key.size() - 5, 5, "_file") == 0) return true;
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  IniDocument document = IniDocument::parse(text, "fuzz.ini");
  require(document.text() == text);

  if (!namesFiles(document)) {
    const SettingsLoad load = Settings::fromDocument(document, schema(), {}, "/", true);
    require((load.settings != nullptr) == load.errors.empty());
    if (load.settings != nullptr) {
      for (const std::string& section : load.settings->sections("a")) {
        const int64_t i = load.settings->integer(section, "i");
        require(i >= 0 && i <= 100);
        require(load.settings->duration(section, "d").count() >= 0 && load.settings->bytes(section, "s") >= 0);
      }
      (void)load.settings->report();
    }
  }

  if (!document.errors().empty()) return 0;
  for (const IniDocument::Entry& entry : document.entries()) {
    const IniDocument again = IniDocument::parse(document.text(), "fuzz.ini");
    require(again.find(entry.section, entry.key)->value == entry.value);
    require(again.find(entry.section, entry.key)->line == entry.line);
  }
  const std::string_view value = text.substr(0, text.find('\n'));
  if (document.set("a", "i", value).ok()) {
    const IniDocument changed = IniDocument::parse(document.text(), "fuzz.ini");
    require(changed.errors().empty() && changed.find("a", "i")->value == value);
    require(document.remove("a", "i"));
    require(!IniDocument::parse(document.text(), "fuzz.ini").find("a", "i"));
  }
  return 0;
}

#include "service/JsonConfig.h"

#include <Poco/Dynamic/Var.h>
#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/ParseHandler.h>
#include <Poco/JSON/Parser.h>
#include <Poco/SharedPtr.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/LogEscape.h"
#include "service/SecretFile.h"
#include "service/SettingsReader.h"

namespace tsunagi::service {
namespace {

constexpr int MAX_DEPTH = 16;
constexpr std::string_view BOM = "\xEF\xBB\xBF";

// Poco lets the last of two equal members win; here they are remembered.
class StrictHandler : public Poco::JSON::ParseHandler {
 public:
  void startObject() override {
    ++_depth;
    ParseHandler::startObject();
  }
  void endObject() override {
    --_depth;
    ParseHandler::endObject();
  }
  void key(const std::string& name) override {
    if (_depth == 1 && !_seen.insert(name).second) _twice.insert(name);
    ParseHandler::key(name);
  }
  const std::set<std::string>& twice() const { return _twice; }

 private:
  int _depth = 0;
  std::set<std::string> _seen, _twice;
};

// The text an INI file would hold for a JSON value; nothing for a value no key can take.
std::optional<std::string> asText(const Poco::Dynamic::Var& value) {
  if (value.isString()) return value.extract<std::string>();
  if (value.isBoolean()) return value.extract<bool>() ? "yes" : "no";
  if (value.isInteger()) return value.convert<std::string>();
  return std::nullopt;
}

// Whether a number outside of strings has more digits than fit: Poco would turn it into another one.
bool hasHugeNumber(std::string_view text) {
  bool inString = false;
  size_t digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (inString && text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      inString = !inString;
    else if (!inString)
      digits = text[i] >= '0' && text[i] <= '9' ? digits + 1 : 0;
    if (digits > 18) return true;
  }
  return false;
}

class JsonReader {
 public:
  JsonReader(std::string file, const std::vector<JsonMapping>& mapping, std::vector<std::string>& errors)
      : _file(std::move(file)), _mapping(mapping), _errors(errors), _document(IniDocument::parse("", _file)) {}

  IniDocument read(std::string_view text) {
    if (text.substr(0, BOM.size()) == BOM) text.remove_prefix(BOM.size());
    if (text.size() > IniDocument::maxFile) {
      _errors.push_back(_file + ": the file is larger than " + std::to_string(IniDocument::maxFile) + " bytes");
      return _document;
    }
    // A NUL, written or escaped, would cut a name or a value off without a word.
    if (text.find('\0') != std::string_view::npos || text.find("\\u0000") != std::string_view::npos) {
      _errors.push_back(_file + ": holds a NUL character");
      return _document;
    }
    if (hasHugeNumber(text)) {
      _errors.push_back(_file + ": holds a number of more than 18 digits; write it as a string");
      return _document;
    }
    const Poco::SharedPtr<StrictHandler> handler(new StrictHandler);
    Poco::JSON::Object::Ptr object;
    try {
      Poco::JSON::Parser parser(handler);
      parser.setDepth(MAX_DEPTH);
      parser.parse(std::string(text));
      const Poco::Dynamic::Var whole = handler->asVar();
      if (whole.type() == typeid(Poco::JSON::Object::Ptr)) object = whole.extract<Poco::JSON::Object::Ptr>();
    } catch (const Poco::Exception&) {
      // Poco's text may quote what stands there, and that may be a secret.
      object = nullptr;
    } catch (const std::exception&) {
      object = nullptr;
    }
    if (object.isNull()) {
      _errors.push_back(_file + ": is not one valid JSON object; check its commas, quotes and braces");
      return _document;
    }
    for (const std::string& name : handler->twice())
      _errors.push_back(_file + ": " + logEscape(name) + " is given twice");
    for (const auto& [name, value] : *object) take(name, value);
    return _document;
  }

  // The member that gave each (section, key) its value.
  const std::map<std::pair<std::string, std::string>, std::string>& members() const { return _members; }

 private:
  void take(const std::string& name, const Poco::Dynamic::Var& value) {
    const auto known =
        std::find_if(_mapping.begin(), _mapping.end(), [&](const JsonMapping& m) { return m.member == name; });
    if (known == _mapping.end()) {
      std::vector<std::string> names;
      for (const JsonMapping& m : _mapping) names.push_back(m.member);
      const std::string near = nearestWord(name, names);
      _errors.push_back(_file + ": unknown member " + logEscape(name) +
                        (near.empty() ? "" : "; did you mean " + near + "?"));
      return;
    }
    if (known->ignored || value.isEmpty()) return;  // null is the same as not there
    const std::optional<std::string> text = asText(value);
    if (!text) {
      _errors.push_back(_file + ": " + logEscape(name) + " must be a string, a whole number, true or false");
      return;
    }
    _members[{known->section, known->key}] = name;
    if (const Status status = _document.set(known->section, known->key, *text); !status)
      _errors.push_back(_file + ": " + logEscape(name) + ": " + status.error());
  }

  std::string _file;
  const std::vector<JsonMapping>& _mapping;
  std::vector<std::string>& _errors;
  IniDocument _document;
  std::map<std::pair<std::string, std::string>, std::string> _members;
};

// The lines of the document that stands behind the members mean nothing to who wrote the JSON file.
void nameMembers(std::vector<std::string>& texts, const std::string& file, const std::vector<JsonMapping>& mapping) {
  for (std::string& text : texts) {
    if (text.compare(0, file.size() + 1, file + ":") != 0) continue;
    const size_t colon = text.find(": ", file.size() + 1);
    const size_t line = file.size() + 1;
    if (colon == std::string::npos || text.find_first_not_of("0123456789", line) != colon) continue;
    std::string rest = text.substr(colon + 2);
    for (const JsonMapping& m : mapping) {
      const std::string label = "[" + m.section + "] " + m.key;
      if (rest.compare(0, label.size() + 1, label + " ") == 0) rest.replace(0, label.size(), m.member);
    }
    text = file + ": " + rest;
  }
}

}  // namespace

SettingsLoad loadJsonSettings(const std::string& file, const std::vector<JsonMapping>& mapping,
                              const ConfigSchema& schema, const Environment& environment, const Settings* previous,
                              const std::function<void(IniDocument&, std::vector<std::string>& errors)>& complete) {
  SettingsReader reader(schema, environment, previous);
  FileStamp stamp = FileStamp::of(file);
  std::vector<std::string> errors;
  IniDocument document;
  const Result<std::string> bytes = readConfigFile(file);
  if (!bytes)
    errors.push_back(bytes.error());
  else if (readableByOthers(file))
    errors.push_back(file + " holds secrets and other users can read it; run: chmod 600 " + file);
  else {
    JsonReader json(file, mapping, errors);
    document = json.read(*bytes);
    reader.nameMembers(json.members());
  }
  if (!errors.empty()) {
    SettingsLoad failed;
    failed.errors = std::move(errors);
    failed.files.push_back(std::move(stamp));
    return failed;
  }
  if (complete) complete(document, errors);
  reader.addFile(std::move(stamp));
  for (const std::string& error : errors) reader.addError(error);
  SettingsLoad load = reader.read(std::move(document), folderOf(file), false);
  nameMembers(load.errors, file, mapping);
  nameMembers(load.warnings, file, mapping);
  return load;
}

bool looksLikeJson(const std::string& file) {
  const Result<std::string> bytes = readConfigFile(file);
  if (!bytes) return false;
  std::string_view text = *bytes;
  if (text.substr(0, BOM.size()) == BOM) text.remove_prefix(BOM.size());
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{';
}

}  // namespace tsunagi::service

#include "service/Settings.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "service/SecretFile.h"
#include "service/SettingsReader.h"

namespace tsunagi::service {

Settings::Settings(IniDocument document, std::shared_ptr<const ConfigSchema> schema, std::string baseFolder)
    : _document(std::move(document)), _schema(std::move(schema)), _baseFolder(std::move(baseFolder)) {}

SettingsLoad Settings::load(const std::string& file, const ConfigSchema& schema, const Environment& environment,
                            const Settings* previous) {
  SettingsReader reader(schema, environment, previous);
  reader.addFile(FileStamp::of(file));
  const Result<std::string> bytes = readConfigFile(file);
  if (!bytes) {
    SettingsLoad failed;
    failed.errors.push_back(bytes.error());
    failed.files.push_back(FileStamp::of(file));
    failed.files.back().fresh = true;
    return failed;
  }
  return reader.read(IniDocument::parse(*bytes, file), folderOf(file), readableByOthers(file));
}

SettingsLoad Settings::fromDocument(IniDocument document, const ConfigSchema& schema, const Environment& environment,
                                    const std::string& baseFolder, bool fileReadableByOthers,
                                    const Settings* previous) {
  return SettingsReader(schema, environment, previous).read(std::move(document), baseFolder, fileReadableByOthers);
}

const ConfigKey& Settings::declared(std::string_view section, std::string_view key, ConfigType type) const {
  const ConfigKey* found = _schema->key(section, key);
  // Reading as text suits every kind but a secret.
  if (found == nullptr || (found->type != type && (type != ConfigType::text || found->type == ConfigType::secret)))
    throw std::logic_error("undeclared configuration key or another type: [" + std::string(section) + "] " +
                           std::string(key));
  return *found;
}

std::string Settings::raw(std::string_view section, const ConfigKey& key) const {
  const auto it = _values.find({std::string(section), key.name});
  return it == _values.end() ? key.fallback : it->second.value;
}

bool Settings::isSet(std::string_view section, std::string_view key) const {
  const Name name{std::string(section), std::string(key)};
  return _secrets.count(name) > 0 || (_values.count(name) > 0 && _unsetReasons.count(name) == 0);
}

std::string Settings::where(std::string_view section, std::string_view key) const {
  if (_members) {
    const auto member = _members->find({std::string(section), std::string(key)});
    return _document.fileName() + (member == _members->end() ? "" : ": " + member->second);
  }
  for (const std::string& name : {std::string(key), std::string(key) + "_file"}) {
    const auto it = _values.find({std::string(section), name});
    if (it != _values.end()) return _document.fileName() + ":" + std::to_string(it->second.line);
  }
  return _document.fileName();
}

std::string Settings::text(std::string_view section, std::string_view key) const {
  return raw(section, declared(section, key, ConfigType::text));
}

int64_t Settings::integer(std::string_view section, std::string_view key) const {
  const std::string value = raw(section, declared(section, key, ConfigType::integer));
  int64_t number = 0;
  std::from_chars(value.data(), value.data() + value.size(), number);
  return number;
}

bool Settings::boolean(std::string_view section, std::string_view key) const {
  return parseBoolean(raw(section, declared(section, key, ConfigType::boolean))).value_or(false);
}

std::chrono::milliseconds Settings::duration(std::string_view section, std::string_view key) const {
  return std::chrono::milliseconds(
      parseDurationMs(raw(section, declared(section, key, ConfigType::duration))).value_or(0));
}

int64_t Settings::bytes(std::string_view section, std::string_view key) const {
  return parseBytes(raw(section, declared(section, key, ConfigType::bytes))).value_or(0);
}

std::vector<std::string> Settings::list(std::string_view section, std::string_view key) const {
  return parseList(raw(section, declared(section, key, ConfigType::list)));
}

std::string Settings::path(std::string_view section, std::string_view key) const {
  return resolve(raw(section, declared(section, key, ConfigType::path)));
}

std::string Settings::resolve(std::string_view path) const { return resolvePath(path, _baseFolder); }

std::optional<SecretString> Settings::secret(std::string_view section, std::string_view key) const {
  const ConfigSection* declaredSection = _schema->section(section);
  const ConfigKey* found = _schema->key(section, key);
  const bool declaredSecret = found != nullptr && found->type == ConfigType::secret;
  if (declaredSection == nullptr || (!declaredSecret && (found != nullptr || !declaredSection->open)))
    throw std::logic_error("undeclared secret: [" + std::string(section) + "] " + std::string(key));
  const auto it = _secrets.find({std::string(section), std::string(key)});
  if (it == _secrets.end()) return std::nullopt;
  return it->second.value;
}

std::vector<std::string> Settings::sections(std::string_view name) const {
  std::vector<std::string> result;
  for (const IniDocument::Section& section : _document.sections()) {
    const ConfigSection* found = _schema->section(section.name);
    if (found != nullptr && found->name == name) result.push_back(section.name);
  }
  const bool plainByEnvironment = std::any_of(_secrets.begin(), _secrets.end(), [&](const auto& secret) {
    return secret.first.first == name && std::find(result.begin(), result.end(), name) == result.end();
  });
  if (plainByEnvironment) result.insert(result.begin(), std::string(name));
  return result;
}

bool Settings::hasSection(std::string_view section) const {
  const std::vector<IniDocument::Section> all = _document.sections();
  return std::any_of(all.begin(), all.end(), [&](const IniDocument::Section& s) { return s.name == section; });
}

std::vector<std::pair<std::string, std::string>> Settings::freeKeys(std::string_view section) const {
  std::vector<std::pair<std::string, std::string>> result;
  for (const IniDocument::Entry& entry : _document.entries())
    if (entry.section == section && !entry.value.empty() && _schema->key(section, entry.key) == nullptr &&
        freeSecretName(entry.key).empty())
      result.emplace_back(entry.key, entry.value);
  return result;
}

std::vector<std::string> Settings::freeSecrets(std::string_view section) const {
  std::vector<std::string> result;
  for (const auto& [name, secret] : _secrets)
    if (name.first == section && _schema->key(section, name.second) == nullptr) result.push_back(name.second);
  return result;
}

bool Settings::sameAs(const Settings& other) const {
  const auto sameValue = [](const auto& a, const auto& b) {
    return a.first == b.first && a.second.value == b.second.value;
  };
  if (!std::equal(_values.begin(), _values.end(), other._values.begin(), other._values.end(), sameValue)) return false;
  if (!std::equal(_secrets.begin(), _secrets.end(), other._secrets.begin(), other._secrets.end(), sameValue))
    return false;
  const auto sameName = [](const IniDocument::Section& a, const IniDocument::Section& b) { return a.name == b.name; };
  const auto mine = _document.sections(), theirs = other._document.sections();
  return std::equal(mine.begin(), mine.end(), theirs.begin(), theirs.end(), sameName);
}

std::vector<std::string> Settings::changedForNextStart(const Settings& before) const {
  std::vector<std::string> changed;
  for (const ConfigSection& section : _schema->sections())
    for (const ConfigKey& key : section.keys)
      if (key.atStart && raw(section.name, key) != before.raw(section.name, key))
        changed.push_back(where(section.name, key.name) + ": [" + section.name + "] " + key.name);
  return changed;
}

std::vector<std::string> Settings::report() const {
  std::vector<std::string> lines;
  for (const auto& [name, entry] : _values) {
    const std::string key = "[" + name.first + "] " + name.second;
    const bool isSecretFile = name.second.size() > 5 && name.second.substr(name.second.size() - 5) == "_file" &&
                              _unsetReasons.count({name.first, name.second.substr(0, name.second.size() - 5)}) > 0;
    if (!isSecretFile) lines.push_back("ok    " + key + " (" + where(name.first, name.second) + ")");
  }
  for (const auto& [name, secret] : _secrets)
    if (secret.origin.rfind("from the environment", 0) == 0)
      lines.push_back("ok    [" + name.first + "] " + name.second + " (" + secret.origin + ")");
  for (const auto& [name, reason] : _unsetReasons)
    lines.push_back("unset [" + name.first + "] " + name.second + ": " + reason);

  for (const ConfigSection& section : _schema->sections()) {
    std::vector<std::string> names = sections(section.name);
    if (names.empty() && section.form != SectionForm::family) names.push_back(section.name);
    for (const std::string& name : names)
      for (const ConfigKey& key : section.keys)
        if (key.wanted && !isSet(name, key.name) && _unsetReasons.count({name, key.name}) == 0)
          lines.push_back("unset [" + name + "] " + key.name + (key.doc.empty() ? "" : ": " + key.doc));
  }
  return lines;
}

}  // namespace tsunagi::service

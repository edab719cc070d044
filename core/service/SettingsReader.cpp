#include "service/SettingsReader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/ErrnoText.h"
#include "base/LogEscape.h"
#include "base/UniqueFd.h"
#include "service/SecretFile.h"

namespace tsunagi::service {
namespace {

constexpr std::string_view FILE_SUFFIX = "_file";

bool endsWith(std::string_view text, std::string_view end) {
  return text.size() > end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace

Result<std::string> readConfigFile(const std::string& file) {
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  const auto failed = [&](const std::string& why) { return Error{"cannot read " + file + ": " + why}; };
  if (!fd) return failed(errnoText(errno));
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return failed("it is not a file");
  std::string bytes(IniDocument::maxFile + 1, '\0');
  size_t length = 0;
  while (length < bytes.size()) {
    const ssize_t got = ::read(fd.get(), bytes.data() + length, bytes.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(errnoText(errno));
    if (got == 0) break;
    length += static_cast<size_t>(got);
  }
  bytes.resize(length);
  return bytes;
}

std::string folderOf(const std::string& file) {
  std::error_code problem;
  const std::filesystem::path absolute = std::filesystem::absolute(file, problem);
  return problem ? std::string() : absolute.lexically_normal().parent_path().string();
}

std::string freeSecretName(std::string_view key) {
  for (const std::string_view end : {"_key_file", "_token_file", "_secret_file", "_password_file"})
    if (endsWith(key, end)) return std::string(key.substr(0, key.size() - FILE_SUFFIX.size()));
  return {};
}

void SettingsReader::complain(const IniDocument::Entry& entry, const std::string& what) {
  addError(_settings->_document.fileName() + ":" + std::to_string(entry.line) + ": [" + entry.section + "] " +
           entry.key + " " + what);
}

SettingsLoad SettingsReader::read(IniDocument document, const std::string& baseFolder, bool fileReadableByOthers) {
  for (const std::string& error : document.errors()) addError(error);
  _readableByOthers = fileReadableByOthers;
  _settings = std::shared_ptr<Settings>(
      new Settings(std::move(document), std::make_shared<const ConfigSchema>(_schema), baseFolder));
  checkSections();
  _settings->_members = std::move(_members);
  for (const IniDocument::Entry& entry : _settings->_document.entries()) takeEntry(entry);
  takeEnvironment();
  if (_load.errors.empty()) _load.settings = _settings;
  return std::move(_load);
}

void SettingsReader::checkSections() {
  for (const IniDocument::Section& section : _settings->_document.sections())
    if (_schema.section(section.name) == nullptr)
      addError(_settings->_document.fileName() + ":" + std::to_string(section.line) + ": " +
               _schema.unknownSection(section.name));
}

void SettingsReader::takeEntry(const IniDocument::Entry& entry) {
  const ConfigSection* section = _schema.section(entry.section);
  if (section == nullptr) return;  // already said
  const ConfigKey* key = _schema.key(entry.section, entry.key);
  if (key == nullptr && !section->open) {
    addError(_settings->_document.fileName() + ":" + std::to_string(entry.line) + ": " +
             _schema.unknownKey(entry.section, entry.key));
    return;
  }
  if (entry.value.empty()) return;  // the same as not there
  if (key == nullptr) {
    if (const std::string name = freeSecretName(entry.key); !name.empty()) takeSecretFile(entry, name);
  } else if (key->type == ConfigType::secret) {
    takeInlineSecret(entry);
  } else if (key->name != entry.key) {
    takeSecretFile(entry, entry.key.substr(0, entry.key.size() - FILE_SUFFIX.size()));
  } else if (const Status status = ConfigSchema::check(*key, entry.value); !status) {
    complain(entry, status.error());
  }
  _settings->_values[{entry.section, entry.key}] = entry;
}

void SettingsReader::takeInlineSecret(const IniDocument::Entry& entry) {
  const std::string beside = entry.key + std::string(FILE_SUFFIX);
  if (const auto other = _settings->_document.find(entry.section, beside); other && !other->value.empty()) {
    complain(entry, "and " + beside + " are both set; remove one of the two");
    return;
  }
  if (_readableByOthers)
    _load.warnings.push_back(_settings->_document.fileName() + ":" + std::to_string(entry.line) + ": [" +
                             entry.section + "] " + entry.key +
                             " is a secret in a file that other users can read; run: chmod 600 " +
                             _settings->_document.fileName() + ", or use " + beside);
  _settings->_secrets[{entry.section, entry.key}] = {SecretString(entry.value), "from this line"};
}

void SettingsReader::takeSecretFile(const IniDocument::Entry& entry, const std::string& secretName) {
  const std::string path = resolvePath(entry.value, _settings->_baseFolder);
  SecretFile file = SecretFile::read(path);
  _load.files.push_back(file.stamp);
  const std::string problem = logEscape(file.problem, 500);
  switch (file.state) {
    case SecretFile::State::present:
      _settings->_secrets[{entry.section, secretName}] = {std::move(file.value), "from " + path};
      return;
    case SecretFile::State::bad:
      complain(entry, "names a file that cannot be used: " + problem);
      return;
    case SecretFile::State::missing:
      break;
  }
  if (_previous != nullptr && _previous->_secrets.count({entry.section, secretName}) > 0) {
    complain(entry, "names a file that is gone: " + problem);
    return;
  }
  _settings->_unsetReasons[{entry.section, secretName}] = problem;
  _load.warnings.push_back(_settings->_document.fileName() + ":" + std::to_string(entry.line) + ": [" + entry.section +
                           "] " + entry.key + ": " + problem + "; [" + entry.section + "] " + secretName +
                           " stays unset until it does");
}

void SettingsReader::takeEnvironment() {
  for (const ConfigSection& section : _schema.sections()) {
    if (section.form == SectionForm::family) continue;
    for (const ConfigKey& key : section.keys) {
      if (key.type != ConfigType::secret || key.environment.empty()) continue;
      const Settings::Name name{section.name, key.name};
      const auto variable = _environment.find(key.environment);
      if (variable == _environment.end() || variable->second.empty()) continue;
      if (_settings->_secrets.count(name) > 0 || _settings->_unsetReasons.count(name) > 0) continue;
      _settings->_secrets[name] = {variable->second, "from the environment, " + key.environment};
    }
  }
}

}  // namespace tsunagi::service

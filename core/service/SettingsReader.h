#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "service/Settings.h"

namespace tsunagi::service {

// Builds one Settings and everything there is to say about it. Used once, by Settings and by loadJsonSettings.
class SettingsReader {
 public:
  SettingsReader(const ConfigSchema& schema, const Environment& environment, const Settings* previous)
      : _schema(schema), _environment(environment), _previous(previous) {}

  // Files to be watched beside the secret files, with their state from before they were read.
  void addFile(FileStamp stamp) { _load.files.push_back(std::move(stamp)); }
  void addError(const std::string& text) { _load.errors.push_back(text); }
  // The document stands for a JSON file: member names by (section, key) take the place of its lines.
  void nameMembers(std::map<std::pair<std::string, std::string>, std::string> members) {
    _members = std::move(members);
  }
  SettingsLoad read(IniDocument document, const std::string& baseFolder, bool fileReadableByOthers);

 private:
  void checkSections();
  void takeEntry(const IniDocument::Entry& entry);
  void takeSecretFile(const IniDocument::Entry& entry, const std::string& secretName);
  void takeInlineSecret(const IniDocument::Entry& entry);
  void takeEnvironment();
  void complain(const IniDocument::Entry& entry, const std::string& what);

  const ConfigSchema& _schema;
  const Environment& _environment;
  const Settings* _previous;
  bool _readableByOthers = false;
  std::shared_ptr<Settings> _settings;
  SettingsLoad _load;
  std::optional<std::map<std::pair<std::string, std::string>, std::string>> _members;
};

// The whole file, at most IniDocument::maxFile bytes and one more, or an error with what to do.
Result<std::string> readConfigFile(const std::string& file);

// The folder of a file, absolute.
std::string folderOf(const std::string& file);

// "api_key" for "api_key_file" when an undeclared key of that name is read as a secret file; else empty.
std::string freeSecretName(std::string_view key);

}  // namespace tsunagi::service

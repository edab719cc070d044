#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/Result.h"
#include "base/SecretString.h"
#include "service/ConfigSchema.h"
#include "service/FileStamp.h"
#include "service/IniDocument.h"

namespace tsunagi::service {

class Settings;

// What came of reading a configuration: settings is null when there are errors; warnings come with either.
// files: everything that was looked at, also what is missing, with its state from before it was read.
struct SettingsLoad {
  std::shared_ptr<const Settings> settings;
  std::vector<std::string> errors;
  std::vector<std::string> warnings;
  std::vector<FileStamp> files;
};

// Values of the environment variables the schema names, taken (and the secrets unset) once at the start.
using Environment = std::map<std::string, SecretString, std::less<>>;

// One checked state of the configuration: immutable, shared, readable from any thread. What has no value and no default
// is a state, not an error (J2): isSet() is false. An empty value in the file is the same as no value.
// Getters take a section as it is named in the file ("relay", "line.shop"). Asking for an undeclared key, or with
// another type than the declared one, is a programming error and throws std::logic_error; a bad value cannot occur
// here.
class Settings {
 public:
  // Reads and checks file and the secret files it names. A secret file that does not exist makes its secret unset, with
  // a warning; when previous had that secret it is an error, so that a running program keeps what it has.
  static SettingsLoad load(const std::string& file, const ConfigSchema& schema, const Environment& environment,
                           const Settings* previous = nullptr);
  // The same on a document that is already there. baseFolder: where relative paths start. fileReadableByOthers: inline
  // secrets draw a warning.
  static SettingsLoad fromDocument(IniDocument document, const ConfigSchema& schema, const Environment& environment,
                                   const std::string& baseFolder, bool fileReadableByOthers,
                                   const Settings* previous = nullptr);

  bool isSet(std::string_view section, std::string_view key) const;  // in the file, or a secret in the environment
  // "bridge.ini:12", or just the file; of a JSON file "unit.json: relay_url".
  std::string where(std::string_view section, std::string_view key) const;

  std::string text(std::string_view section, std::string_view key) const;  // also url and listen; "" = unset
  int64_t integer(std::string_view section, std::string_view key) const;   // 0 = unset and no default
  bool boolean(std::string_view section, std::string_view key) const;
  std::chrono::milliseconds duration(std::string_view section, std::string_view key) const;
  int64_t bytes(std::string_view section, std::string_view key) const;
  std::vector<std::string> list(std::string_view section, std::string_view key) const;
  std::string path(std::string_view section, std::string_view key) const;  // absolute; "" = unset
  std::optional<SecretString> secret(std::string_view section, std::string_view key) const;

  // The sections of a declared name as they are in the file, in its order: sections("line") may be {"line",
  // "line.shop"}. The plain one is also there when only the environment gives it a value.
  std::vector<std::string> sections(std::string_view name) const;
  bool hasSection(std::string_view section) const;
  // Undeclared keys of an open section, raw, in the order of the file. Those whose name ends in _key_file, _token_file,
  // _secret_file or _password_file are read as secrets: secret(section, "api_key"), not listed here.
  std::vector<std::pair<std::string, std::string>> freeKeys(std::string_view section) const;
  std::vector<std::string> freeSecrets(std::string_view section) const;  // the names, "api_key"

  const IniDocument& document() const { return _document; }
  const ConfigSchema& schema() const { return *_schema; }
  const std::string& baseFolder() const { return _baseFolder; }
  std::string resolve(std::string_view path) const;  // a relative path starts at baseFolder
  bool sameAs(const Settings& other) const;          // same values and secrets
  // Those of the keys read at the start only whose value differs, each with its place: "bridge.ini:7: [status] listen".
  std::vector<std::string> changedForNextStart(const Settings& before) const;
  // The lines of --check: "ok", "unset" and what they are about; no secret value.
  std::vector<std::string> report() const;

 private:
  friend class SettingsReader;
  Settings(IniDocument document, std::shared_ptr<const ConfigSchema> schema, std::string baseFolder);
  struct Secret {
    SecretString value;
    std::string origin;  // "from /etc/tsunagi/token", "from the environment"
  };
  using Name = std::pair<std::string, std::string>;
  const ConfigKey& declared(std::string_view section, std::string_view key, ConfigType type) const;
  std::string raw(std::string_view section, const ConfigKey& key) const;

  IniDocument _document;
  std::shared_ptr<const ConfigSchema> _schema;
  std::string _baseFolder;
  std::map<Name, IniDocument::Entry> _values;
  std::map<Name, Secret> _secrets;
  std::map<Name, std::string> _unsetReasons;  // a secret whose file does not exist yet
  // Of a JSON file: the member each key came from. Its document is made, so its lines mean nothing.
  std::optional<std::map<Name, std::string>> _members;
};

}  // namespace tsunagi::service

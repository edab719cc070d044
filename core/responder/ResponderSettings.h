#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "base/SecretString.h"

namespace tsunagi::responder {

// One [responder.<name>] section, without the keys that are the bridge's own (plugin, min_role, isolation ...).
struct ResponderSettings {
  std::string name;                             // of the instance: "home"
  std::string plugin;                           // file name without ".so": "echo"
  std::map<std::string, std::string> config;    // as written in the file; converted by the plugin's schema
  std::map<std::string, SecretString> secrets;  // content of <key>_file under <key>
  // For rsp.http/1: a CA beside the system's, PEM, or empty; may a secret go unencrypted to another host?
  std::string caFile;
  bool allowPlaintext = false;
  size_t maxAnswerBytes = size_t{256} * 1024;   // an answer is cut there, on a character
  int64_t maxCallMs = int64_t{30} * 60 * 1000;  // no call runs longer, whatever its deadline

  friend bool operator==(const ResponderSettings&, const ResponderSettings&) = default;
};

// Why an instance could not be made. The caller knows the file and the line of the key.
struct SetupProblem {
  enum class Kind {
    NotInstalled,  // no such plugin: for an existing unit's configuration a state, not an error
    Plugin,        // the file is there and cannot be used
    Config,        // a key is unknown, missing or has a wrong value
    Create         // the plugin refused the configuration
  };
  Kind kind = Kind::Config;
  std::string responder;  // the instance's name
  std::string key;        // "plugin", a configuration or secret key, or empty
  std::string message;    // names the key itself; no file, no line, no secret
};

}  // namespace tsunagi::responder

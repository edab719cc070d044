#pragma once
#include <Poco/Util/AbstractConfiguration.h>

#include <memory>
#include <mutex>
#include <string>

#include "service/Settings.h"

namespace tsunagi::service {

// The settings as a read-only layer of a Poco application's configuration: config().getString("relay.url"). Values come
// out as they stand in the file, "${...}" included; secrets and empty values are not in it. Thread-safe.
class PocoConfigLayer : public Poco::Util::AbstractConfiguration {
 public:
  explicit PocoConfigLayer(std::shared_ptr<const Settings> settings) : _settings(std::move(settings)) {}
  void replace(std::shared_ptr<const Settings> settings);

 protected:
  bool getRaw(const std::string& key, std::string& value) const override;
  void setRaw(const std::string& key, const std::string& value) override;
  void enumerate(const std::string& key, Keys& range) const override;

 private:
  std::shared_ptr<const Settings> settings() const;
  mutable std::mutex _lock;
  std::shared_ptr<const Settings> _settings;
};

}  // namespace tsunagi::service

#include "service/PocoConfigLayer.h"

#include <Poco/AutoPtr.h>
#include <Poco/Exception.h>
#include <Poco/Util/LayeredConfiguration.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tsunagi::service {
namespace {

std::shared_ptr<const Settings> settings(const std::string& text) {
  ConfigSchema schema;
  schema.add(
      {.name = "relay", .keys = {{.name = "url"}, {.name = "token", .type = ConfigType::secret}, {.name = "n"}}});
  schema.add({.name = "responder", .form = SectionForm::family, .open = true});
  return Settings::fromDocument(IniDocument::parse(text, "x.ini"), schema, {}, "/", false).settings;
}

TEST(PocoConfigLayer, feedsPocoWithoutExpansionAndWithoutSecrets) {
  Poco::AutoPtr<PocoConfigLayer> layer(
      new PocoConfigLayer(settings("[relay]\nurl = a${system.env.PATH}$$ {b} \\t ${x\nn = 12\ntoken = canary\n"
                                   "[responder.home]\nbase.url = u\n")));
  Poco::AutoPtr<Poco::Util::LayeredConfiguration> config(new Poco::Util::LayeredConfiguration);
  config->add(layer, 0);
  EXPECT_EQ(config->getString("relay.url"), "a${system.env.PATH}$$ {b} \\t ${x");
  EXPECT_EQ(config->getInt("relay.n"), 12);
  EXPECT_FALSE(config->has("relay.token"));
  EXPECT_EQ(config->getString("responder.home.base.url"), "u");
  Poco::Util::AbstractConfiguration::Keys keys;
  config->keys(keys);
  EXPECT_THAT(keys, testing::UnorderedElementsAre("relay", "responder"));
  config->keys("relay", keys);
  EXPECT_THAT(keys, testing::UnorderedElementsAre("url", "n"));
  layer->replace(settings("[relay]\nurl = other\n"));
  EXPECT_EQ(config->getString("relay.url"), "other");
  EXPECT_THROW(layer->setString("relay.url", "x"), Poco::InvalidAccessException);
}

}  // namespace
}  // namespace tsunagi::service

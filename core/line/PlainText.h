#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tsunagi::line {

// What becomes of the addresses in a model's answer (S24).
enum class LinkPolicy : uint8_t {
  Keep,   // "label (address)"
  Plain,  // a link shows its label only; addresses that stand in the text as such stay
  Strip   // as Plain, and every web address in the whole text gives way to PlainTextOptions::removedLink
};

struct PlainTextOptions {
  LinkPolicy links = LinkPolicy::Keep;
  std::string removedLink = "[link]";
  size_t tableColumns = 36;  // a table that is wider (in half-width columns) becomes "header: value" lines
};

// A model's Markdown as text that reads well in LINE, which renders none: markers of headings, emphasis and code go,
// bullets become "•" ("☐", "☑" for tasks), nested two spaces deeper per level; tables are aligned or listed; code keeps
// its bytes; LaTeX stays as it is. Text without Markdown comes out as it was, except for white space at its ends and at
// line ends. No text is dropped but what no reader of rendered Markdown would see (titles of links, a fence's language,
// known HTML tags, comments). Containers nest 32 deep; deeper markers are text. Linear time; throws nothing but
// std::bad_alloc.
std::string plainText(std::string_view markdown, const PlainTextOptions& options = {});

}  // namespace tsunagi::line

#include "line/PlainText.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "line/CharacterClasses.h"
#include "tests/unit/line/Repeat.h"

namespace tsunagi::line {
namespace {

std::string join(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const auto part : parts) text.append(part);
  return text;
}

struct Case {
  const char* markdown;
  const char* plain;
};

void check(std::initializer_list<Case> cases, const PlainTextOptions& options = {}) {
  for (const auto& item : cases) EXPECT_EQ(plainText(item.markdown, options), item.plain) << item.markdown;
}

TEST(PlainText, TextWithoutMarkdownStaysAsItIs) {
  for (const char* text : {"",
                           "Hello, world. 2 * 3 = 6; a < b && c > d; C# and #hashtag",
                           "こんにちは。元気ですか？\n\nはい〜 10~20個",
                           "snake_case_name, __x, a_b_c and 2*3*4, 2**10",
                           "  indented\n    more\nback",
                           "^_^ and ^_^; >_< >_<; (*^^*) -_- *",
                           "1. 2024. 5. 1",
                           "a\n\n\nb",
                           "5 - 3 -> 2\n-5 degrees\n+81 3",
                           "std::vector<int> and <T>, <think>",
                           "C:\\Users\\x",
                           "[1] [x] f[0] (y)",
                           "a | b | c",
                           "Price: $5, $10 and US$3",
                           "`",

                           "!",
                           "![",
                           "&unknown; & &#0;",
                           "note*) and other*)",
                           "ที่นี่ไม่มีเครื่องหมาย",
                           "> said she\n>> deeper",
                           "https://example.com/a_b_c_d*e"})
    EXPECT_EQ(plainText(text), text);
  EXPECT_EQ(plainText("\n\n a \t\r\nb  \r\n\n"), " a\nb") << "only white space at the ends goes";
}

TEST(PlainText, EmphasisMarkersGo) {
  check({{"**bold** and *italic* and ***both***", "bold and italic and both"},
         {"__bold__ and _italic_.", "bold and italic."},
         {"~~gone~~ but ~ and ~~", "gone but ~ and ~~"},
         {"**bold\nover lines**", "bold\nover lines"},
         {"**a *b* c**", "a b c"},
         {"これは**「太字」**です", "これは「太字」です"},
         {"これは**(太字)**です", "これは(太字)です"},
         {"這是**重點**，注意。", "這是重點，注意。"},
         {"นี่คือ**ตัวหนา**ครับ", "นี่คือตัวหนาครับ"},
         {"**S**top", "Stop"},
         {"**open", "**open"},
         {"** not **", "** not **"},
         {"*a **b*", "*a *b"},
         {"(**x**)", "(x)"},
         {"**Note:** text", "Note: text"},
         {"*日本語*と*中文*", "日本語と中文"}});
}

TEST(PlainText, EscapesShowTheirSign) {
  check({{"\\*not italic\\*", "*not italic*"},
         {"\\# no heading", "# no heading"},
         {"1\\. no list", "1. no list"},
         {"a\\\nb", "a\nb"},
         {"\\a \\", "\\a \\"},
         {"\\\\", "\\"},
         {"\\`no code\\`", "`no code`"}});
}

TEST(PlainText, HeadingsLoseTheirMarksAndGetRoom) {
  check({{"# Title\ntext", "Title\ntext"},
         {"text\n## **Part** two ##\nmore", "text\n\nPart two\nmore"},
         {"text\n\n###### x", "text\n\nx"},
         {"####### seven", "####### seven"},
         {"#tag", "#tag"},
         {"#", "#"},
         {"C #", "C #"},
         {"# F#", "F#"},
         {"Title\n=====\ntext", "Title\ntext"},
         {"Title\n---\ntext", "Title\ntext"}});
}

TEST(PlainText, RulesBecomeALine) {
  const std::string rule = repeat("\u2500", 8);
  EXPECT_EQ(plainText("a\n\n---\n\nb"), join({"a\n\n", rule, "\n\nb"}));
  EXPECT_EQ(plainText("* * *"), rule);
  EXPECT_EQ(plainText("a\n***\nb"), join({"a\n", rule, "\nb"}));
  EXPECT_EQ(plainText("--"), "--");
}

TEST(PlainText, ListsKeepTheirShape) {
  check({{"- a\n- b\n* c\n+ d", "• a\n• b\n• c\n• d"},
         {"- a\n  - b\n    - c\n- d", "• a\n  • b\n    • c\n• d"},
         {"- a\n    - b", "• a\n  • b"},
         {"- a\n\t- b", "• a\n  • b"},
         {"1. a\n   - b\n2. c", "1. a\n  • b\n2. c"},
         {"1. a\n1. b\n1. c", "1. a\n2. b\n3. c"},
         {"3) a\n4) b", "3) a\n4) b"},
         {"1. a\n\ntext\n\n2. b", "1. a\n\ntext\n\n2. b"},
         {"08. a\n09. b", "08. a\n09. b"},
         {"text\n- a\nText again", "text\n• a\nText again"},
         {"- a\n  goes on\n\n  second part\n\nout", "• a\n  goes on\n\n  second part\n\nout"},
         {"- a\n  second *line\n  third*", "• a\n  second line\n  third"},
         {"- [ ] open\n- [x] done\n- [X] done\n1. [ ] first\n- [y] none",
          "☐ open\n☑ done\n☑ done\n1. ☐ first\n• [y] none"},
         {"- 1. a", "• 1. a"},
         {"-", "•"},
         {"-\n  a", "• a"},
         {"- # Title\n- **b**", "• Title\n• b"},
         {"in the year\n1999. It was", "in the year\n1999. It was"}});
}

TEST(PlainText, QuotesKeepTheirSign) {
  check({{"> a **b**\n> c", "> a b\n> c"},
         {"> a\n\nb", "> a\n\nb"},
         {"> > a", ">> a"},
         {"> - a\n>   - b", "> • a\n>   • b"},
         {"> # T", "> T"},
         {"> a\n>\n> b", "> a\n>\n> b"}});
}

TEST(PlainText, CodeKeepsItsBytes) {
  check({{"`a*b*c` and ``x`y`` and `` ` ``", "a*b*c and x`y and `"},
         {"x ` a ` y", "x  a  y"},
         {"`open", "`open"},
         {"`a``b`", "a``b"},
         {"Run:\n```sh\nls *.txt  # **x**\n\n  _y_ \n```\nDone", "Run:\n\nls *.txt  # **x**\n\n  _y_ \n\nDone"},
         {"~~~\n```\n~~~", "```"},
         {"````\n```\n````", "```"},
         {"```\nopen *a*", "open *a*"},
         {"- a\n  ```\n  x\n    y\n  ```\n- b", "• a\n\n  x\n    y\n\n• b"},
         {"> ```\n> *x*\n> ```\n> y", "> *x*\n\n> y"},
         {"```\n> x\n- y\n```", "> x\n- y"},
         {"text\n\n    *indented* code", "text\n\n    *indented* code"},
         {"`a\nb`", "a\nb"}});
}

TEST(PlainText, LatexStaysAsItIs) {
  for (const char* text : {"$a_b*c*d_e$", "\\(x_1 * y_1 * z\\)", "\\[ a_b + c_d \\]", "$$\nE = mc^2\n- b_c_\n# x\n$$",
                           "\\[\na\n+ b\n\\]", "for $x*y*z$, $n$ and $5"})
    EXPECT_EQ(plainText(text), text);
  check({{"costs $5 or **$10**.", "costs $5 or $10."},
         {"\\(no end **b**", "(no end b"},
         {"$$ open **b**", "$$ open b"},
         {"- so:\n  $$\n  a\n  $$", "• so:\n  $$\n  a\n  $$"}});
}

TEST(PlainText, LinksFollowThePolicy) {
  const char* text =
      "[site](https://a.example/x_(y)_z \"T\") <https://b.example> https://c.example/p?q=1. [](https://d.example) "
      "![pic](https://e.example/i.png) [https://f.example](https://f.example/) [sec](#s) [m](mailto:m@x.example)";
  EXPECT_EQ(plainText(text),
            "site (https://a.example/x_(y)_z) https://b.example https://c.example/p?q=1. https://d.example "
            "pic (https://e.example/i.png) https://f.example sec m (mailto:m@x.example)");
  PlainTextOptions plain;
  plain.links = LinkPolicy::Plain;
  EXPECT_EQ(plainText(text, plain),
            "site https://b.example https://c.example/p?q=1. https://d.example pic https://f.example sec m");
  PlainTextOptions strip;
  strip.links = LinkPolicy::Strip;
  strip.removedLink = "[-]";
  EXPECT_EQ(plainText(text, strip), "site [-] [-]. [-] pic [-] sec m");
}

TEST(PlainText, StripReachesEveryAddress) {
  PlainTextOptions strip;
  strip.links = LinkPolicy::Strip;
  strip.removedLink = "[-]";
  check({{"`https://a.example/?secret`", "[-]"},
         {"```\ncurl http://a.example\n```", "curl [-]"},
         {"https:\\/\\/a.example", "[-]"},
         {"HTTPS://A.example, www.b.example! ftp://c", "[-], [-]! [-]"},
         {"https://例え.jp", "https://例え.jp"},
         {"| a | b |\n|--|--|\n| www.x.example | y |", "a    b\n[-]  y"},
         {"<a href=\"https://a.example\">x</a>", "x"},
         {"a://b and 1 :// 2 www. x", "[-] and 1 :// 2 www. x"},
         {"見て：https://a.example/を", "見て：[-]を"}},
        strip);
}

TEST(PlainText, LinksAreReadStrictly) {
  check({{"[a](b c)", "[a](b c)"},
         {"[a](x", "[a](x"},
         {"[a] (x)", "[a] (x)"},
         {"[a][ref]\n\n[ref]: https://r.example", "[a][ref]\n\n[ref]: https://r.example"},
         {"[**b** `c`](u)", "b c (u)"},
         {"[![i](p)](u)", "i (p) (u)"},
         {"[a](<x y>)", "a (x y)"},
         {"[a](x\\)y)", "a (x)y)"},
         {"[a](x?b=1&amp;c=2)", "a (x?b=1&c=2)"},
         {"[^1] note", "[^1] note"},
         {"see [docs](https://x.example/a_b_c) and *c*", "see docs (https://x.example/a_b_c) and c"}});
}

TEST(PlainText, HtmlIsLittle) {
  check({{"a<br>b<br/>c<BR />\nd", "a\nb\nc\nd"},
         {"<b>x</b> <u>y</u> H<sub>2</sub>O", "x y H2O"},
         {"<div align=\"center\">\nx\n</div>", "x"},
         {"&amp;lt; &lt;b&gt; &quot;&#39;&#x1F600;&nbsp;&mdash;", "&lt; <b> \"'😀 —"},
         {"&#10; &#xD800; &#x110000; &#27;", "&#10; &#xD800; &#x110000; &#27;"},
         {"<a href='https://x.example'>y</a>", "y (https://x.example)"},
         {"<img src=\"https://x.example/i.png\" alt=\"pic\">", "pic (https://x.example/i.png)"},
         {"a <b and c> d", "a <b and c> d"},
         {"a<!-- **x** -- y --> b<!-- -->", "a b"},
         {"<!-- two\nlines -->\nx", "x"},
         {"<!-- open **b**", "<!-- open b"},
         {"if (a<b && c>d)", "if (a<b && c>d)"},
         {"<details><summary>S</summary>\nx\n</details>", "S\nx"}});
}

TEST(PlainText, NarrowTablesAreAlignedByDisplayWidth) {
  check({{"| 品名 | 価格 |\n|---|---:|\n| りんご | 100円 |\n| **葡萄** | 8円 |",
          "品名     価格\nりんご  100円\n葡萄      8円"},
         {"a | b\n--|--\n1 | `x|y`", "a  b\n1  `x  y`"},
         {"a | b\n--|--\n1 | `x\\|y`", "a  b\n1  x\\|y"},
         {"text\n| a |\n|---|\n| 1 |\nafter", "text\n\na\n1\n\nafter"},
         {"- x\n\n  | a | b |\n  |---|---|\n  | 1 | 2 |", "• x\n\n  a  b\n  1  2"},
         {"a | b\n--|--", "a  b"},
         {"a | b\n--", "a | b"},
         {"a | b\n--|--|--", "a | b\n--|--|--"},
         {"| a<br>b | c |\n|-|-|", "a / b  c"}});
}

TEST(PlainText, WideTablesBecomeLines) {
  PlainTextOptions narrow;
  narrow.tableColumns = 10;
  check({{"| Name | Size | Price |\n|---|---|---|\n| Foo | big | 10 |\n| Bar | | 20 | extra |",
          "Name: Foo\nSize: big\nPrice: 10\n\nName: Bar\nSize:\nPrice: 20\nextra"},
         {"| Key | Value |\n|---|---|\n| colour | deep blue |\n| x | y |", "Key: Value\ncolour: deep blue\nx: y"},
         {"| aaaaaaaa | bbbbbbbb | c |\n|-|-|-|", "aaaaaaaa | bbbbbbbb | c"}},
        narrow);
}

TEST(PlainText, ATableCannotMakeTextGrowWithoutBound) {
  const std::string header =
      join({"| ", repeat(join({std::string(50, 'h'), " | "}), 20), "\n|", repeat("-|", 20), "\n"});
  const std::string text = join({header, repeat("| x |\n", 5000)});
  EXPECT_LT(plainText(text).size(), 2 * text.size());
  const std::string columns = join({"|", repeat("a|", 30), "\n|", repeat("-|", 30), "\n"});
  EXPECT_EQ(plainText(columns).substr(0, 5), "|a|a|") << "too many columns: no table";
}

TEST(PlainText, DeepNestingIsText) {
  const std::string quotes = join({repeat("> ", 40), "x"});
  EXPECT_EQ(plainText(quotes), join({std::string(32, '>'), " ", repeat("> ", 8), "x"}));
  std::string lists;
  for (int i = 0; i < 40; ++i) lists += join({std::string(2 * static_cast<size_t>(i), ' '), "- x\n"});
  const std::string plain = plainText(lists);
  EXPECT_NE(plain.find(join({std::string(62, ' '), "• x\n"})), std::string::npos);
  EXPECT_EQ(plain.find(join({std::string(64, ' '), "• x"})), std::string::npos);
  EXPECT_EQ(plainText(join({repeat("[", 1000), "a", repeat("](b)", 1000)})).find("](b)("), std::string::npos);
}

TEST(PlainText, AModelsAnswerReadsWell) {
  EXPECT_EQ(
      plainText(
          "## 🍎 おすすめ\n\nこちらが**3つ**の案です：\n\n1. **朝食** – *軽め*\n   - パン\n   - 卵\n2. **昼食**\n\n"
          "```python\nprint('*')\n```\n\n---\n\n> **注意**: [詳しく](https://example.com/x)\n"),
      join({"🍎 おすすめ\n\nこちらが3つの案です：\n\n1. 朝食 – 軽め\n  • パン\n  • 卵\n2. 昼食\n\nprint('*')\n\n",
            repeat("\u2500", 8), "\n\n> 注意: 詳しく (https://example.com/x)"}));
}

TEST(DisplayWidth, CountsHalfWidthColumns) {
  EXPECT_EQ(displayWidth(""), 0U);
  EXPECT_EQ(displayWidth("abc"), 3U);
  EXPECT_EQ(displayWidth("日本ｱＡ"), 7U);
  EXPECT_EQ(displayWidth("ที่"), 1U);
  EXPECT_EQ(displayWidth("が"), 2U) << "a letter and a combining mark";
  EXPECT_EQ(displayWidth("👨‍👩‍👧👍🏽❤️"), 6U);
}

}  // namespace
}  // namespace tsunagi::line

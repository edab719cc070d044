#include "line/PlainText.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "line/PlainInline.h"
#include "line/PlainLines.h"
#include "line/PlainTable.h"
#include "line/WebAddresses.h"

namespace tsunagi::line {
namespace {

constexpr size_t NONE = std::string_view::npos;
constexpr size_t MAX_DEPTH = 32;
constexpr size_t INDENTED_CODE = 4;  // columns
constexpr const char* BULLET = "\u2022 ";
constexpr const char* OPEN_TASK = "\u2610 ";
constexpr const char* DONE_TASK = "\u2611 ";
constexpr const char* RULE = "\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500";

// The block half: containers (quotes, lists) and leaf blocks, line by line, with one paragraph held back until it ends.
class BlockReader {
 public:
  BlockReader(std::string_view text, const PlainTextOptions& options) : _options(options), _lines(linesOf(text)) {}

  std::string run() {
    for (_next = 0; _next < _lines.size();) take(_lines[_next++]);
    flush();
    if (_options.links == LinkPolicy::Strip) _out = withoutAddresses(_out, _options.removedLink);
    _out.erase(_out.find_last_not_of(" \t\n") + 1);
    return std::move(_out);
  }

 private:
  // An open list item. Positions are columns of the source.
  struct Item {
    size_t column = 0;  // of its marker
    bool ordered = false;
    uint32_t written = 0;  // its number in the source
    uint32_t shown = 0;    // its number in the result
  };

  // --- output

  std::string quoteMark() const { return _quotes == 0 ? std::string() : std::string(_quotes, '>') + " "; }
  std::string indentation() const { return std::string(2 * _items.size(), ' '); }

  void emit(std::string_view line) {
    if (line.empty() && _out.empty()) return;
    if (_gap && !line.empty() && !_out.empty() && !_lastEmpty) _out += '\n';
    if (!line.empty()) _gap = false;
    _out.append(line).append("\n");
    _lastEmpty = line.empty();
  }
  void emitTrimmed(std::string line) {
    line.erase(line.find_last_not_of(" \t") + 1);
    emit(line);
  }

  // The marker of an item begun on this line stands before its first block; other blocks are indented to its text.
  std::string takePrefix() { return quoteMark() + (_marker.empty() ? indentation() : std::exchange(_marker, {})); }

  void emitText(const std::string& text, const std::string& first, const std::string& rest) {
    size_t begin = 0;
    for (bool isFirst = true; begin <= text.size(); isFirst = false) {
      const size_t end = std::min(text.find('\n', begin), text.size());
      emitTrimmed((isFirst ? first : rest) + text.substr(begin, end - begin));
      begin = end + 1;
    }
  }

  void flush() {
    if (!_open && _marker.empty()) return;
    const std::string first = takePrefix();
    const std::string text = plainInline(_paragraph, _options);
    const bool onlyMarkup = !_paragraph.empty() && text.find_first_not_of(" \t\n") == NONE;
    if (!onlyMarkup || first.find_first_not_of(' ') != NONE) emitText(text, first, quoteMark() + indentation());
    _paragraph.clear();
    _open = false;
  }

  // --- containers

  void setQuotes(size_t depth) {
    if (depth == _quotes) return;
    flush();
    _items.clear();
    _quotes = depth;
  }

  // Ends the items that a block at this column does not belong to; returns the last one ended: its sibling, if any.
  std::optional<Item> closeItems(size_t column) {
    std::optional<Item> last;
    while (!_items.empty() && column <= _items.back().column + 1) {
      last = _items.back();
      _items.pop_back();
    }
    return last;
  }

  bool takeMarker(const SourceLine& line, size_t& column, std::string_view& body) {
    const ListMarker marker = listMarkerAt(body);
    if (marker.bytes == 0 || _items.size() >= MAX_DEPTH) return false;
    const bool isEmpty = marker.bytes >= body.size();
    if (_open && (isEmpty || (_items.empty() && marker.ordered && marker.number != 1))) return false;
    std::optional<Item> sibling;
    if (&line != _markerLine) {  // several markers on one line make one prefix
      flush();
      sibling = closeItems(column);
    }
    Item item{column, marker.ordered, marker.number, marker.number};
    if (sibling && sibling->ordered && marker.ordered && sibling->written == marker.number &&
        sibling->column <= column + 1)
      item.shown = sibling->shown + 1;
    if (_marker.empty()) _marker = indentation();
    _marker += markerText(marker, item);
    _items.push_back(item);
    _markerLine = &line;
    body.remove_prefix(std::min(marker.bytes, body.size()));
    column += marker.bytes;
    return true;
  }

  static std::string markerText(const ListMarker& marker, const Item& item) {
    const std::string box = marker.task == ListMarker::Task::Open   ? OPEN_TASK
                            : marker.task == ListMarker::Task::Done ? DONE_TASK
                                                                    : "";
    if (!marker.ordered) return box.empty() ? BULLET : box;
    const std::string number = item.shown == item.written ? std::string(marker.digits) : std::to_string(item.shown);
    return number + marker.delimiter + " " + box;
  }

  // --- blocks

  void take(const SourceLine& line) {
    setQuotes(line.quotes);
    std::string_view body = line.body;
    size_t column = line.column;
    if (body.empty()) {
      flush();
      return emitTrimmed(quoteMark());
    }
    if (!_open && _items.empty() && column >= INDENTED_CODE) return emitTrimmed(quoteMark() + std::string(line.whole));
    if (!_paragraph.empty() && isUnderline(body) && belongsToItem(column)) return flush();
    if (isRule(body)) {
      begin(line, column);
      return emitTrimmed(takePrefix() + RULE);
    }
    while (takeMarker(line, column, body)) {
    }
    if (body.empty()) {
      _open = true;  // the item's text may stand on the next line
    } else if (const Fence fence = fenceAt(body); fence.length > 0) {
      begin(line, column);
      code(fence, column);
    } else if (const std::string_view title = headingOf(body); !title.empty()) {
      begin(line, column);
      heading(title);
    } else if (tableBegins(body)) {
      begin(line, column);
      table(body);
    } else if (const std::string_view closing = mathClosing(body);
               closing.empty() || !math(line, column, body, closing)) {
      text(line, column, body);
    }
  }

  bool belongsToItem(size_t column) const { return _items.empty() || column > _items.back().column + 1; }

  // Before a block that is no list item: ends the paragraph, and the items the block does not belong to.
  void begin(const SourceLine& line, size_t column) {
    if (_open) flush();
    if (&line != _markerLine) closeItems(column);
  }

  void text(const SourceLine& line, size_t column, std::string_view body) {
    // A line that is not indented to its item's text ends the item, other than in CommonMark: nobody wraps chat text.
    if (&line != _markerLine && (!_open || !belongsToItem(column))) begin(line, column);
    if (!_paragraph.empty()) _paragraph += '\n';
    // Outside lists a line keeps its own indentation.
    if (_items.empty()) _paragraph.append(line.whole.substr(0, line.whole.size() - body.size()));
    _paragraph += body;
    _open = true;
  }

  void heading(std::string_view title) {
    if (_items.empty()) _gap = true;
    const std::string first = takePrefix();
    emitText(plainInline(title, _options), first, quoteMark() + indentation());
  }

  // A block that stands on lines of its own: behind an item's marker, else parted from what is around it.
  void beginLines() {
    if (_marker.empty())
      _gap = true;
    else
      emitTrimmed(takePrefix());
  }

  void code(const Fence& fence, size_t column) {
    beginLines();
    const std::string prefix = quoteMark() + indentation();
    while (_next < _lines.size() && _lines[_next].quotes >= _quotes) {
      const std::string_view line = _lines[_next++].raw(_quotes, column);
      if (closesFence(line, fence)) break;
      if (line.find_first_not_of(" \t") == NONE)
        emitTrimmed(prefix);
      else
        emit(prefix + std::string(line));
    }
    _gap = true;
  }

  // LaTeX of several lines, up to the line with its closing sign; false when that does not come in this paragraph.
  bool math(const SourceLine& line, size_t column, std::string_view body, std::string_view closing) {
    size_t& noneBefore = _noMathBefore[closing == "$$" ? 0 : 1];
    if (_quotes > 0 || _next < noneBefore) return false;
    size_t last = _next;
    while (last < _lines.size() && !_lines[last].body.empty() && _lines[last].text.find(closing) == NONE) ++last;
    if (last == _lines.size() || _lines[last].body.empty()) {
      noneBefore = last;
      return false;
    }
    begin(line, column);
    const bool ownIndentation = _items.empty();
    emitTrimmed(takePrefix() + std::string(ownIndentation ? line.whole : body));
    for (; _next <= last; ++_next)
      emitTrimmed(takePrefix() + std::string(_lines[_next].raw(0, ownIndentation ? 0 : column)));
    return true;
  }

  bool tableBegins(std::string_view body) const {
    return body.find('|') != NONE && _next < _lines.size() && _lines[_next].quotes == _quotes &&
           PlainTable::begins(body, _lines[_next].body);
  }

  void table(std::string_view header) {
    beginLines();
    PlainTable table(header, _lines[_next++].body, _options);
    while (_next < _lines.size() && _lines[_next].quotes == _quotes && _lines[_next].body.find('|') != NONE)
      table.addRow(_lines[_next++].body);
    const std::string prefix = quoteMark() + indentation();
    for (const auto& line : table.lines()) emitTrimmed(prefix + line);
    _gap = true;
  }

  const PlainTextOptions& _options;
  std::vector<SourceLine> _lines;
  size_t _next = 0;  // the line after the current one
  std::string _out;
  bool _lastEmpty = false;
  bool _gap = false;  // the next line with text is parted from the one before by an empty line
  size_t _quotes = 0;
  std::vector<Item> _items;
  std::string _marker;                      // of items whose first block is still to come
  const SourceLine* _markerLine = nullptr;  // the line they stand on
  bool _open = false;                       // a paragraph is open; it may still be empty
  std::string _paragraph;
  size_t _noMathBefore[2] = {0, 0};
};

}  // namespace

std::string plainText(std::string_view markdown, const PlainTextOptions& options) {
  return BlockReader(markdown, options).run();
}

}  // namespace tsunagi::line

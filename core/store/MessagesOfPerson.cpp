// The part of Messages about one person's data (J7): what leaves with them, and what is given to them.
#include "store/Messages.h"
#include "store/StoreFile.h"

namespace tsunagi::store {
namespace {

// By a person, or in a 1:1 conversation with them.
constexpr const char* OF_PERSON = "(line_user_id=(SELECT id FROM line_users WHERE line_user_id=?1) OR conversation=?1)";

}  // namespace

void Messages::exportPerson(std::string_view lineUserId, const std::function<void(const Exported&)>& each) {
  constexpr int64_t PAGE = 500;
  int64_t after = 0;
  for (bool more = true; more;) {
    std::vector<Exported> page;
    _file.read([&](sql::Database& database) {
      auto query = database.query(
          std::string("SELECT m.id,m.message_id,m.message_type,m.content,m.is_from_bot,m.created_at,m.conversation,"
                      "c.name,f.id,f.file_name,f.mime_type,f.file_size,f.nas_path FROM line_messages m JOIN channels c "
                      "ON c.id=m.channel_id LEFT JOIN line_files f ON f.id=m.file_id WHERE m.id>?2 AND (m.") +
          "line_user_id=(SELECT id FROM line_users WHERE line_user_id=?1) OR m.conversation=?1) ORDER BY m.id LIMIT "
          "?3");
      query.bind(lineUserId).bind(after).bind(PAGE);
      while (query.step()) {
        Exported one;
        one.message.id = query.integer(0);
        one.message.messageId = query.text(1);
        one.message.type = query.text(2);
        one.message.content = query.text(3);
        one.message.fromBot = query.integer(4) != 0;
        one.message.atMs = query.integer(5);
        one.conversation = query.text(6);
        one.channel = query.text(7);
        if (!query.isNull(8)) {
          one.file.emplace();
          one.file->id = query.integer(8);
          one.file->fileName = query.text(9);
          one.file->mimeType = query.text(10);
          one.file->size = query.optionalInteger(11);
          if (!query.isNull(12)) one.file->nasPath = query.text(12);
        }
        page.push_back(std::move(one));
      }
    });
    for (const auto& one : page) each(one);
    more = static_cast<int64_t>(page.size()) == PAGE;
    if (more) after = page.back().message.id;
  }
}

Erased Messages::erasePerson(std::string_view lineUserId) {
  return _file.write([&](sql::Database& database) {
    Erased gone;
    const auto run = [&](const std::string& statement) {
      database.query(statement).bind(lineUserId).run();
      return static_cast<uint64_t>(database.changes());
    };
    gone.files = run(std::string("DELETE FROM line_files WHERE message_id IN (SELECT id FROM line_messages WHERE ") +
                     OF_PERSON + ")");
    gone.messages = run(std::string("DELETE FROM line_messages WHERE ") + OF_PERSON);
    gone.events = run("UPDATE inbox SET body=NULL WHERE conversation=?1 AND body IS NOT NULL AND state='dead'");
    run("DELETE FROM held_answers WHERE conversation=?1 OR asker=?1");
    run("UPDATE outbox SET state=iif(state='sending','unknown','failed'), reason='erased', target='', body='', "
        "asker='' "
        "WHERE method='push' AND state IN ('pending','sending') AND (target=?1 OR asker=?1)");
    run("DELETE FROM conversations WHERE conversation=?1");
    run("UPDATE group_members SET display_name='' WHERE line_user_id=(SELECT id FROM line_users WHERE "
        "line_user_id=?1)");
    run("UPDATE line_users SET display_name='', picture_url='', status_message='', profile_at=NULL WHERE "
        "line_user_id=?1");
    return gone;
  });
}

}  // namespace tsunagi::store

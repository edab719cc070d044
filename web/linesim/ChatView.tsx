import { ArrowLeft, Info } from 'lucide-preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

import { post } from '../shared/api';
import { fill } from '../shared/language';
import { Avatar } from './Avatar';
import { Composer } from './Composer';
import { MessageItem } from './MessageItem';
import type { Conversation, Item, Model } from './model';
import { InfoDialog } from './PeopleDialogs';
import { QuickReplies } from './Template';
import { useWords } from './words';

// What the next message does: a plain one, one that quotes, or a change of an earlier one.
export interface Aim {
  quote?: Item;
  edit?: Item;
}

function warningOf(model: Model, conversation: Conversation, words: ReturnType<typeof useWords>): string {
  const chat = model.chat(conversation);
  if (chat && !chat.bot) return words.botOut;
  const person = conversation.user === undefined ? undefined : model.person(conversation.user);
  return person?.blocked ? fill(words.blockedNote, { name: person.displayName }) : '';
}

// Quick replies are shown under the newest message only.
function quickReplyOf(conversation: Conversation): Item | undefined {
  const last = conversation.items[conversation.items.length - 1];
  return last?.from === null && last.message?.quickReply ? last : undefined;
}

export function ChatView({ model, conversation }: { model: Model; conversation: Conversation }) {
  const words = useWords();
  const [actor, setActor] = useState(model.writers(conversation)[0] ?? 'alice');
  const [aim, setAim] = useState<Aim>({});
  const [problem, setProblem] = useState('');
  const [showsInfo, setShowsInfo] = useState(false);
  const log = useRef<HTMLDivElement>(null);
  const followsEnd = useRef(true);
  const writers = model.writers(conversation);
  const me = writers.includes(actor) ? actor : (writers[0] ?? actor);

  useLayoutEffect(() => {
    if (followsEnd.current && log.current) log.current.scrollTop = log.current.scrollHeight;
  });
  useEffect(() => {
    conversation.unread = false;
  });

  const attempt = async (path: string, body: unknown) => {
    try {
      await post(path, body);
      setProblem('');
      return true;
    } catch (error) {
      setProblem((error as Error).message);
      return false;
    }
  };
  const tap = (item: Item, action: string, params?: object) =>
    void attempt('/control/tap', { user: me, messageId: item.message?.id, action, ...(params ? { params } : {}) });

  const quickReply = quickReplyOf(conversation);
  const warning = warningOf(model, conversation, words);
  const chat = model.chat(conversation);
  const readAt = conversation.items.findIndex((item) => item.message?.id === conversation.readUpTo);
  return (
    <section class="conversation" aria-label={model.title(conversation)}>
      <header>
        <button type="button" class="icon back" aria-label={words.back} onClick={() => model.select(null)}>
          <ArrowLeft aria-hidden="true" />
        </button>
        <div class="grow">
          <h2>{model.title(conversation)}</h2>
          {conversation.kind && (
            <p class="note">
              {words[conversation.kind]} · {fill(words.memberCount, { count: chat?.members.length ?? 0 })}
            </p>
          )}
        </div>
        <button type="button" class="icon" aria-label={words.info} onClick={() => setShowsInfo(true)}>
          <Info aria-hidden="true" />
        </button>
      </header>
      <div
        class="log"
        ref={log}
        tabIndex={0}
        role="log"
        aria-label={model.title(conversation)}
        onScroll={({ currentTarget: box }) => {
          followsEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
        }}
      >
        {conversation.items.length === 0 && <p class="note centred">{words.empty}</p>}
        {conversation.items.map((item, index) => (
          <MessageItem
            key={item.key}
            model={model}
            conversation={conversation}
            item={item}
            me={me}
            isRead={index <= readAt}
            onTap={tap}
            onAim={setAim}
            onUnsend={() => void attempt('/control/unsend', { messageId: item.message?.id })}
          />
        ))}
        {conversation.typing && (
          <div class="item theirs" data-typing="">
            <Avatar name={model.displayName(null)} kind="bot" />
            <p class="bubble typing">
              <span class="visually-hidden">{fill(words.typing, { name: model.displayName(null) })}</span>
              <i /> <i /> <i />
            </p>
          </div>
        )}
      </div>
      {quickReply && <QuickReplies item={quickReply} onTap={(action, params) => tap(quickReply, action, params)} />}
      {warning && <p class="warning">{warning}</p>}
      {problem && (
        <p class="problem bar" role="alert">
          {problem}
        </p>
      )}
      <Composer
        model={model}
        conversation={conversation}
        me={me}
        onActor={setActor}
        aim={aim}
        onAim={setAim}
        attempt={attempt}
        onProblem={setProblem}
      />
      {showsInfo && <InfoDialog model={model} conversation={conversation} onClose={() => setShowsInfo(false)} />}
    </section>
  );
}

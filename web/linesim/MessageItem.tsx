import { CornerDownRight, Ellipsis, Pencil, Undo2 } from 'lucide-preact';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

import { fill } from '../shared/language';
import { Avatar } from './Avatar';
import type { Aim } from './ChatView';
import { MessageBody } from './MessageBody';
import type { Conversation, Item, Model } from './model';
import { summaryOf } from './summary';
import { useWords, type Words } from './words';

interface Props {
  model: Model;
  conversation: Conversation;
  item: Item;
  me: string;
  isRead: boolean;
  onTap: (item: Item, action: string, params?: object) => void;
  onAim: (aim: Aim) => void;
  onUnsend: () => void;
}

function noticeText(item: Item, model: Model, words: Words): string {
  const { type, user, names, text } = item.notice!;
  const name = model.displayName(user);
  switch (type) {
    case 'follow': return fill(words.follow, { name });
    case 'unfollow': return fill(words.unfollow, { name });
    case 'join': return words.join;
    case 'leave': return words.leave;
    case 'memberJoined': return fill(words.memberJoined, { names: names.join(', ') });
    case 'memberLeft': return fill(words.memberLeft, { names: names.join(', ') });
    case 'postback': return `${name}: ${text || words.tapped}`;
    default: return fill(words.other, { type });
  }
}

// What became of the webhook and its answer; bad when nobody was told.
function deliveryOf(item: Item, isRead: boolean, words: Words): { text: string; bad: boolean } {
  const parts: string[] = [];
  const { webhook, answer } = item.delivery ?? {};
  if (item.standby) parts.push(words.standby);
  if (!webhook) {
    parts.push(words.sent);
  } else {
    const again = webhook.redelivery ? ` (${words.again})` : '';
    if (webhook.accepted) parts.push(`${words.delivered} ${webhook.latencyMs} ms${again}`);
    else if (webhook.status > 0) parts.push(`${words.refused} (${webhook.status})${again}`);
    else parts.push(`${words.noAnswer} (${webhook.error})${again}`);
  }
  if (answer) parts.push(`${answer.via === 'push' ? words.pushed : words.answered} ${answer.latencyMs} ms`);
  if (isRead) parts.push(words.read);
  if (item.edited) parts.push(words.edited);
  return { text: parts.join(' · '), bad: !!webhook && !webhook.accepted && !answer };
}

function botState(item: Item, words: Words): string {
  const parts = [item.via === 'push' ? words.push : words.reply];
  if (item.spoiled) parts.push(words.spoiled);
  if (item.undelivered) parts.push(words.undelivered);
  return parts.join(' · ');
}

// A tap elsewhere or Escape closes the menu; Escape gives the focus back to what opened it.
function useClosing(box: RefObject<HTMLDetailsElement>) {
  useEffect(() => {
    const onPointer = (event: PointerEvent) => {
      if (box.current?.open && !box.current.contains(event.target as Node)) box.current.open = false;
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || !box.current?.open) return;
      box.current.open = false;
      box.current.querySelector('summary')?.focus();
    };
    document.addEventListener('pointerdown', onPointer);
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('pointerdown', onPointer);
      document.removeEventListener('keydown', onKey);
    };
  }, []);
}

function Actions({ item, me, conversation, onAim, onUnsend }: Omit<Props, 'model' | 'isRead' | 'onTap'>) {
  const words = useWords();
  const box = useRef<HTMLDetailsElement>(null);
  useClosing(box);
  const mine = item.from === me;
  const canEdit = mine && conversation.kind === 'group' && item.message?.type === 'text';
  const act = (work: () => void) => () => {
    if (box.current) box.current.open = false;
    work();
  };
  return (
    <details class="more" ref={box}>
      <summary aria-label={words.more}>
        <Ellipsis size={18} aria-hidden="true" />
      </summary>
      <div class="menu">
        <button type="button" onClick={act(() => onAim({ quote: item }))}>
          <CornerDownRight size={18} aria-hidden="true" /> {words.quote}
        </button>
        {canEdit && (
          <button type="button" onClick={act(() => onAim({ edit: item }))}>
            <Pencil size={18} aria-hidden="true" /> {words.edit}
          </button>
        )}
        {mine && (
          <button type="button" onClick={act(onUnsend)}>
            <Undo2 size={18} aria-hidden="true" /> {words.unsend}
          </button>
        )}
      </div>
    </details>
  );
}

export function MessageItem(props: Props) {
  const { model, conversation, item, me, isRead, onTap } = props;
  const words = useWords();
  if (item.notice) {
    const { text, bad } = deliveryOf(item, false, words);
    return (
      <div class="item notice">
        <p>{noticeText(item, model, words)}</p>
        <p class={bad ? 'state bad' : 'state'}>{text}</p>
      </div>
    );
  }
  const message = item.message!;
  const isBot = item.from === null;
  const mine = item.from === me;
  const name = isBot ? (message.sender?.name ?? model.displayName(null)) : model.displayName(item.from);
  const quoted = model.quotedIn(item);
  const { text, bad } = isBot ? { text: botState(item, words), bad: !!item.undelivered } : deliveryOf(item, isRead, words);
  return (
    <article class={`item ${mine ? 'mine' : 'theirs'}`} aria-label={name}>
      {!mine && <Avatar name={name} kind={isBot ? 'bot' : 'person'} />}
      <div class="column">
        {!mine && (isBot || conversation.kind) && <p class="from">{name}</p>}
        <div class="line">
          {item.unsent ? (
            <p class="bubble unsent">{words.unsentMessage}</p>
          ) : (
            <div class="stackless">
              {quoted?.message && (
                <p class="quoted">
                  <span class="visually-hidden">{words.original}: </span>
                  <b>{model.displayName(quoted.from)}</b>{' '}
                  {quoted.unsent ? words.unsentMessage : summaryOf(quoted.message, words)}
                </p>
              )}
              <MessageBody model={model} item={item} onTap={onTap} />
            </div>
          )}
          {!item.unsent && <Actions {...props} />}
        </div>
        <p class={bad ? 'state bad' : 'state'}>{text}</p>
      </div>
    </article>
  );
}

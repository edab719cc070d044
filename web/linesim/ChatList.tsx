import { Settings, UserPlus, UsersRound } from 'lucide-preact';

import { fill } from '../shared/language';
import { Avatar } from './Avatar';
import type { Conversation, Model } from './model';
import { summaryOf } from './summary';
import { useWords, type Words } from './words';

function lastLine(conversation: Conversation, words: Words): string {
  for (let at = conversation.items.length - 1; at >= 0; --at) {
    const item = conversation.items[at];
    if (item?.unsent) return words.unsentMessage;
    if (item?.message) return summaryOf(item.message, words);
  }
  return '';
}

interface Props {
  model: Model;
  onOpen: (what: 'settings' | 'person' | 'group') => void;
}

export function ChatList({ model, onOpen }: Props) {
  const words = useWords();
  const { connection, state } = model;
  const warns = connection === 'lost' || (connection === 'ready' && !state.webhookUrl);
  let status = '';
  if (connection === 'lost') status = words.lost;
  else if (connection === 'ready')
    status = state.webhookUrl ? fill(words.ready, { host: new URL(state.webhookUrl).host }) : words.noWebhook;
  return (
    <nav class="chats" aria-label={words.chats}>
      <header>
        <Avatar name={state.bot.displayName} kind="bot" />
        <div class="grow">
          <h1>
            {state.bot.displayName} <small>linesim</small>
          </h1>
        </div>
        <button type="button" class="icon" aria-label={words.settings} onClick={() => onOpen('settings')}>
          <Settings aria-hidden="true" />
        </button>
      </header>
      <p class={warns ? 'status bad' : 'status'} role="status">
        {status}
      </p>
      <ul>
        {[...model.conversations.values()].map((conversation) => (
          <li key={conversation.key}>
            <button
              type="button"
              class="chat"
              aria-current={conversation.key === model.current ? 'true' : undefined}
              onClick={() => model.select(conversation.key)}
            >
              <Avatar name={model.title(conversation)} kind={conversation.kind ? 'chat' : 'person'} />
              <span class="grow">
                <span class="name">{model.title(conversation)}</span>
                <span class="last">{conversation.typing ? '…' : lastLine(conversation, words)}</span>
              </span>
              {conversation.unread && <span class="dot" role="img" aria-label={words.unread} />}
            </button>
          </li>
        ))}
      </ul>
      <footer>
        <button type="button" onClick={() => onOpen('person')}>
          <UserPlus size={18} aria-hidden="true" /> {words.newUser}
        </button>
        <button type="button" onClick={() => onOpen('group')}>
          <UsersRound size={18} aria-hidden="true" /> {words.newGroup}
        </button>
      </footer>
    </nav>
  );
}

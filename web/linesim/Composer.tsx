import { AtSign, Paperclip, SendHorizontal, Smile, X } from 'lucide-preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { fill } from '../shared/language';
import type { Aim } from './ChatView';
import type { Conversation, Model } from './model';
import { STICKERS, type Sticker } from './stickers';
import { summaryOf } from './summary';
import { useWords } from './words';

const MAX_FILE = 60 * 1024 * 1024;

interface Props {
  model: Model;
  conversation: Conversation;
  me: string;
  onActor: (user: string) => void;
  aim: Aim;
  onAim: (aim: Aim) => void;
  attempt: (path: string, body: unknown) => Promise<boolean>;
  onProblem: (text: string) => void;
}

function readBase64(file: File): Promise<string> {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result).replace(/^[^,]*,/, ''));
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(file);
  });
}

function messageFor(file: File): object {
  const kind = file.type.split('/')[0];
  if (kind === 'image' || kind === 'video' || kind === 'audio') return { type: kind };
  return { type: 'file', fileName: file.name };
}

// The names behind an @ in the text, in its order: what the simulator makes mentions of.
function mentionsIn(text: string, model: Model, conversation: Conversation): string[] {
  const words = [
    { word: `@${model.state.bot.displayName}`, name: 'bot' },
    { word: '@All', name: 'all' },
    ...model.writers(conversation).map((user) => ({ word: `@${user}`, name: user })),
  ];
  const found: string[] = [];
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const hit = words.find(({ word }) => text.startsWith(word, at));
    if (hit) found.push(hit.name);
  }
  return conversation.kind ? found : [];
}

export function Composer({ model, conversation, me, onActor, aim, onAim, attempt, onProblem }: Props) {
  const words = useWords();
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [showsStickers, setShowsStickers] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const files = useRef<HTMLInputElement>(null);
  const place = conversation.kind ? { [conversation.kind]: conversation.name } : {};
  const base = { user: me, ...place, ...(aim.quote ? { quote: aim.quote.message?.id } : {}) };

  useEffect(() => {
    if (aim.edit) setText(aim.edit.message?.text ?? '');
    if (aim.edit || aim.quote) field.current?.focus();
  }, [aim]);
  useEffect(() => {
    const box = field.current;
    if (!box) return;
    box.style.height = 'auto';
    box.style.height = `${Math.min(box.scrollHeight + 2, 160)}px`;
  }, [text]);

  const deliver = async (path: string, body: object) => {
    setBusy(true);
    const sent = await attempt(path, body);
    setBusy(false);
    if (sent) onAim({});
    return sent;
  };
  const send = async () => {
    if (text.trim() === '' || busy) return;
    const mentions = mentionsIn(text, model, conversation);
    const sent = aim.edit
      ? await deliver('/control/edit', { messageId: aim.edit.message?.id, text, mentions })
      : await deliver('/control/messages', { ...base, text, mentions });
    if (sent) setText('');
    field.current?.focus();
  };
  const sendFile = async (file: File | undefined) => {
    if (!file) return;
    if (file.size > MAX_FILE) return onProblem(words.tooLarge);
    const content = { type: file.type || 'application/octet-stream', base64: await readBase64(file) };
    await deliver('/control/messages', { ...base, message: messageFor(file), content });
  };
  const sendSticker = async ({ packageId, stickerId, keywords }: Sticker) => {
    setShowsStickers(false);
    const message = { type: 'sticker', packageId, stickerId, stickerResourceType: 'STATIC', keywords };
    await deliver('/control/messages', { ...base, message });
  };
  const writers = model.writers(conversation);
  const about = aim.quote ?? aim.edit;
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {about?.message && (
        <div class="aim">
          <p class="grow">
            <b>{aim.edit ? words.editing : fill(words.quoting, { name: model.displayName(about.from) })}</b>{' '}
            {summaryOf(about.message, words)}
          </p>
          <button type="button" class="icon" aria-label={words.cancel} onClick={() => onAim({})}>
            <X size={18} aria-hidden="true" />
          </button>
        </div>
      )}
      {showsStickers && (
        <div class="stickers" role="group" aria-label={words.stickers}>
          {STICKERS.map((sticker) => (
            <button
              type="button"
              key={sticker.stickerId}
              aria-label={sticker.keywords[0]}
              onClick={() => void sendSticker(sticker)}
            >
              {sticker.glyph}
            </button>
          ))}
        </div>
      )}
      <div class="tools">
        <input
          ref={files}
          type="file"
          hidden
          aria-label={words.attach}
          onChange={(event) => {
            void sendFile(event.currentTarget.files?.[0]);
            event.currentTarget.value = '';
          }}
        />
        <button type="button" class="icon" aria-label={words.attach} onClick={() => files.current?.click()}>
          <Paperclip aria-hidden="true" />
        </button>
        <button
          type="button"
          class="icon"
          aria-label={words.sticker}
          aria-expanded={showsStickers}
          onClick={() => setShowsStickers(!showsStickers)}
        >
          <Smile aria-hidden="true" />
        </button>
        {conversation.kind && (
          <button
            type="button"
            class="icon"
            aria-label={words.mention}
            onClick={() => {
              setText(`@${model.state.bot.displayName} ${text}`);
              field.current?.focus();
            }}
          >
            <AtSign aria-hidden="true" />
          </button>
        )}
        {writers.length > 1 && (
          <label class="actor">
            {words.you}
            <select value={me} onChange={(event) => onActor(event.currentTarget.value)}>
              {writers.map((user) => (
                <option key={user} value={user}>
                  {model.displayName(user)}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <div class="writing">
        <textarea
          ref={field}
          rows={1}
          maxLength={5000}
          aria-label={words.message}
          placeholder={words.message}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            void send();
          }}
        />
        <button type="submit" class="primary" disabled={busy || text.trim() === ''} aria-label={words.send}>
          <SendHorizontal aria-hidden="true" />
        </button>
      </div>
    </form>
  );
}

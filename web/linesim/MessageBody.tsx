import { File as FileIcon, Film, Image as ImageIcon, Link, MapPin, Mic, Sticker as StickerIcon } from 'lucide-preact';
import type { ComponentChildren } from 'preact';

import type { Message } from './ledger';
import type { Item, Model } from './model';
import { glyphOf } from './stickers';
import { flexTexts, textOf } from './summary';
import { TemplateCard } from './Template';
import { useWords } from './words';

const contentUrl = (message: Message) => `/control/content/${encodeURIComponent(message.id ?? '')}`;

function sizeText(bytes: number | undefined): string {
  if (bytes === undefined) return '';
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

// Mentions stand out; index and length count UTF-16 units, as JavaScript does.
function Text({ text, message }: { text: string; message: Message }) {
  const parts: ComponentChildren[] = [];
  let at = 0;
  for (const { index, length } of message.mention?.mentionees ?? []) {
    if (index < at || index + length > text.length) continue;
    parts.push(text.slice(at, index), <b class="mention">{text.slice(index, index + length)}</b>);
    at = index + length;
  }
  parts.push(text.slice(at));
  return <p class="bubble">{parts}</p>;
}

function Card({ icon, title, detail, href }: { icon: ComponentChildren; title: string; detail: string; href?: string }) {
  const words = useWords();
  return (
    <div class="card">
      {icon}
      <span class="grow">
        <b>{title}</b>
        {detail && <span class="detail">{detail}</span>}
        {href && (
          <a href={href} download>
            {words.download}
          </a>
        )}
      </span>
    </div>
  );
}

// Media of a user are served by the simulator; those of the bot are links to elsewhere, which this page never follows.
function Media({ item, message }: { item: Item; message: Message }) {
  const words = useWords();
  const icons = { image: <ImageIcon aria-hidden="true" />, video: <Film aria-hidden="true" />, audio: <Mic aria-hidden="true" /> };
  const kind = message.type as keyof typeof icons;
  if (item.from === null)
    return <Card icon={icons[kind]} title={words[kind]} detail={message.originalContentUrl ?? ''} />;
  if (kind === 'image') return <img class="picture" src={contentUrl(message)} alt={words.image} loading="lazy" />;
  if (kind === 'video') return <video class="picture" src={contentUrl(message)} controls aria-label={words.video} />;
  return (
    <div class="card">
      {icons.audio}
      <audio src={contentUrl(message)} controls aria-label={words.audio} />
    </div>
  );
}

interface Props {
  model: Model;
  item: Item;
  onTap: (item: Item, action: string, params?: object) => void;
}

export function MessageBody({ model, item, onTap }: Props) {
  const words = useWords();
  const message = item.message!;
  switch (message.type) {
    case 'text':
    case 'textV2': {
      const text = textOf(message, (userId) => model.personById(userId)?.displayName ?? '?');
      return <Text text={text} message={message} />;
    }
    case 'image':
    case 'video':
    case 'audio': return <Media item={item} message={message} />;
    case 'file':
      return (
        <Card
          icon={<FileIcon aria-hidden="true" />}
          title={message.fileName ?? words.file}
          detail={sizeText(message.fileSize)}
          href={contentUrl(message)}
        />
      );
    case 'sticker': {
      const glyph = glyphOf(message.packageId, message.stickerId);
      return (
        <div class="sticker">
          <span class="glyph" aria-hidden="true">
            {glyph ?? <StickerIcon size={40} />}
          </span>
          <span>{message.keywords?.join(', ') || `${message.packageId}/${message.stickerId}`}</span>
        </div>
      );
    }
    case 'location':
      return (
        <Card
          icon={<MapPin aria-hidden="true" />}
          title={message.title ?? words.location}
          detail={[message.address, `${message.latitude}, ${message.longitude}`].filter(Boolean).join(' · ')}
        />
      );
    case 'template': return <TemplateCard message={message} onTap={(action, params) => onTap(item, action, params)} />;
    case 'flex':
      return (
        <div class="bubble flex">
          {flexTexts(message.contents).map((text) => (
            <p>{text}</p>
          ))}
        </div>
      );
    default: return <Card icon={<Link aria-hidden="true" />} title={message.type} detail={message.altText ?? ''} />;
  }
}

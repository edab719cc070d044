import type { Message } from './ledger';
import type { Words } from './words';

// The words of the placeholders of a textV2 message; a doubled brace is one.
export function textOf(message: Message, nameOf: (userId: string | undefined) => string): string {
  const text = message.text ?? '';
  if (message.type !== 'textV2') return text;
  return text.replace(/\{\{|\}\}|\{(\w+)\}/g, (found, key?: string) => {
    if (key === undefined) return found.charAt(0);
    const put = message.substitution?.[key];
    if (put?.type !== 'mention') return put ? '☺' : found;
    return put.mentionee?.type === 'all' ? '@All' : `@${nameOf(put.mentionee?.userId)}`;
  });
}

// One line for a list or a quote.
export function summaryOf(message: Message, words: Words): string {
  switch (message.type) {
    case 'text':
    case 'textV2': return message.text ?? '';
    case 'image': return words.image;
    case 'video': return words.video;
    case 'audio': return words.audio;
    case 'file': return message.fileName ?? words.file;
    case 'sticker': return message.keywords?.join(' ') ?? words.stickers;
    case 'location': return message.title ?? words.location;
    default: return message.altText ?? message.type;
  }
}

// All texts of a flex message, in their order.
export function flexTexts(content: unknown): string[] {
  if (Array.isArray(content)) return content.flatMap(flexTexts);
  if (content === null || typeof content !== 'object') return [];
  const own = (content as { text?: unknown }).text;
  const rest = Object.entries(content).flatMap(([name, value]) => (name === 'text' ? [] : flexTexts(value)));
  return typeof own === 'string' ? [own, ...rest] : rest;
}

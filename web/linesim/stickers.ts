// Stickers to send. LINE tells a bot no picture, only ids and keywords; the glyphs are this page's own.
export interface Sticker {
  packageId: string;
  stickerId: string;
  glyph: string;
  keywords: string[];
}

export const STICKERS: Sticker[] = [
  { packageId: '446', stickerId: '1988', glyph: '👋', keywords: ['hello', 'hi', 'good day'] },
  { packageId: '446', stickerId: '1989', glyph: '👍', keywords: ['ok', 'agree', 'thumbs up'] },
  { packageId: '446', stickerId: '1990', glyph: '🙏', keywords: ['thank you', 'please'] },
  { packageId: '446', stickerId: '1991', glyph: '🎉', keywords: ['congratulations', 'party', 'joy'] },
  { packageId: '446', stickerId: '1992', glyph: '😂', keywords: ['laugh', 'funny'] },
  { packageId: '446', stickerId: '1993', glyph: '😭', keywords: ['sad', 'crying'] },
  { packageId: '446', stickerId: '1994', glyph: '🤔', keywords: ['thinking', 'hmm', 'question'] },
  { packageId: '446', stickerId: '1995', glyph: '😴', keywords: ['sleepy', 'good night'] },
];

export function glyphOf(packageId: string | undefined, stickerId: string | undefined): string | undefined {
  return STICKERS.find((sticker) => sticker.packageId === packageId && sticker.stickerId === stickerId)?.glyph;
}

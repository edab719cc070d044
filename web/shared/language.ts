// The languages of every page, and which one is shown.

export const LANGUAGES = { en: 'English', ja: '日本語', 'zh-TW': '繁體中文', th: 'ไทย' } as const;
export type Language = keyof typeof LANGUAGES;

const KEY = 'tsunagi.language';

function isLanguage(text: string | null): text is Language {
  return text !== null && text in LANGUAGES;
}

// What the reader chose, else the first of the browser's languages that there is, else English.
export function chooseLanguage(wanted: readonly string[] = navigator.languages): Language {
  const stored = localStorage.getItem(KEY);
  if (isLanguage(stored)) return stored;
  for (const name of wanted) {
    const tag = name.toLowerCase();
    if (tag.startsWith('ja')) return 'ja';
    if (tag.startsWith('zh')) return 'zh-TW';
    if (tag.startsWith('th')) return 'th';
    if (tag.startsWith('en')) return 'en';
  }
  return 'en';
}

export function rememberLanguage(language: Language): void {
  localStorage.setItem(KEY, language);
}

// Puts values in the places {name} of a sentence.
export function fill(sentence: string, values: Record<string, string | number>): string {
  return sentence.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

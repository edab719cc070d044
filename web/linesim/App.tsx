import { useEffect, useReducer, useState } from 'preact/hooks';

import { chooseLanguage, rememberLanguage, type Language } from '../shared/language';
import { ChatList } from './ChatList';
import { ChatView } from './ChatView';
import type { Model } from './model';
import { GroupDialog, PersonDialog } from './PeopleDialogs';
import { SettingsDialog } from './SettingsDialog';
import { WORDS, WordsContext } from './words';

type Open = 'settings' | 'person' | 'group' | null;

// On a wide screen the chats stand beside the conversation; on a phone one of them is shown.
const isWide = () => window.matchMedia('(min-width: 48rem)').matches;

export function App({ model }: { model: Model }) {
  const [language, setLanguage] = useState<Language>(chooseLanguage);
  const [open, setOpen] = useState<Open>(null);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => model.subscribe(() => redraw(undefined)), [model]);
  useEffect(() => {
    if (model.current === null && isWide()) model.select('user alice');
  }, [model]);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);

  const choose = (next: Language) => {
    rememberLanguage(next);
    setLanguage(next);
  };
  const current = model.current === null ? undefined : model.conversations.get(model.current);
  const close = () => setOpen(null);
  return (
    <WordsContext.Provider value={WORDS[language]}>
      <main class={current ? 'app chatting' : 'app'}>
        <ChatList model={model} onOpen={setOpen} />
        {current && <ChatView key={current.key} model={model} conversation={current} />}
      </main>
      {open === 'settings' && (
        <SettingsDialog model={model} language={language} onLanguage={choose} onClose={close} />
      )}
      {open === 'person' && <PersonDialog model={model} onClose={close} />}
      {open === 'group' && <GroupDialog model={model} onClose={close} />}
    </WordsContext.Provider>
  );
}

import { useState } from 'preact/hooks';

import { post } from '../shared/api';
import { Dialog } from '../shared/Dialog';
import { Form, Problem, TextField, useProblem } from '../shared/fields';
import { fill, LANGUAGES, type Language } from '../shared/language';
import { readState } from './feed';
import type { Model } from './model';
import { useWords } from './words';

interface Props {
  model: Model;
  language: Language;
  onLanguage: (language: Language) => void;
  onClose: () => void;
}

export function SettingsDialog({ model, language, onLanguage, onClose }: Props) {
  const words = useWords();
  const [url, setUrl] = useState(model.state.webhookUrl);
  const [note, setNote] = useState('');
  const [problem, attempt] = useProblem();
  const say = (work: () => Promise<string>) => {
    setNote('');
    return attempt(async () => setNote(await work()));
  };
  const save = async () => {
    await say(async () => {
      await post('/control/webhook-url', { url: url.trim() });
      await readState(model);
      model.changed();
      return words.saved;
    });
  };
  const verify = () =>
    say(async () => {
      const result = await post<{ status: number; error?: string }>('/control/raw', {
        body: JSON.stringify({ destination: model.state.bot.userId, events: [] }),
      });
      return fill(words.verified, { status: result.error ?? result.status });
    });
  return (
    <Dialog title={words.settings} closeLabel={words.close} onClose={onClose}>
      <label>
        {words.language}
        <select value={language} onChange={(event) => onLanguage(event.currentTarget.value as Language)}>
          {Object.entries(LANGUAGES).map(([tag, name]) => (
            <option key={tag} value={tag} lang={tag}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <Form onSubmit={save}>
        <TextField
          label={words.webhookUrl}
          type="url"
          value={url}
          placeholder="http://127.0.0.1:8080/webhook"
          onInput={setUrl}
        />
        <div class="row end">
          <button type="button" onClick={() => void verify()}>
            {words.verify}
          </button>
          <button type="submit" class="primary">
            {words.save}
          </button>
        </div>
        <p class="note" role="status">
          {note}
        </p>
        <Problem text={problem} />
      </Form>
    </Dialog>
  );
}

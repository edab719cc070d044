import { useState } from 'preact/hooks';

import { Dialog } from '../shared/Dialog';
import { fill } from '../shared/language';
import type { Action, Card, Message } from './ledger';
import type { Item } from './model';
import { useWords } from './words';

type Tap = (action: string, params?: object) => void;

const INPUT_TYPES: Record<string, string> = { date: 'date', time: 'time', datetime: 'datetime-local' };

// One thing to tap. A date is asked for first; a link is only shown, since nothing leaves this page.
function ActionButton({ action, pointer, onTap, chip }: { action: Action; pointer: string; onTap: Tap; chip?: boolean }) {
  const words = useWords();
  const [asks, setAsks] = useState(false);
  const [value, setValue] = useState('');
  const label = action.label ?? action.type;
  const mode = action.mode ?? 'datetime';
  return (
    <>
      <button
        type="button"
        class={chip ? 'chip' : 'action'}
        title={action.uri ? fill(words.opens, { uri: action.uri }) : undefined}
        onClick={() => (action.type === 'datetimepicker' ? setAsks(true) : onTap(pointer))}
      >
        {label}
      </button>
      {asks && (
        <Dialog title={label} closeLabel={words.close} onClose={() => setAsks(false)}>
          <form
            class="stack"
            onSubmit={(event) => {
              event.preventDefault();
              setAsks(false);
              onTap(pointer, { [mode]: value });
            }}
          >
            <label>
              {words.pickDate}
              <input
                type={INPUT_TYPES[mode] ?? 'datetime-local'}
                value={value}
                required
                onInput={(event) => setValue(event.currentTarget.value)}
              />
            </label>
            <div class="row end">
              <button type="submit" class="primary">
                {words.send}
              </button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  );
}

function CardView({ card, pointer, onTap }: { card: Card; pointer: string; onTap: Tap }) {
  return (
    <div class="template">
      {(card.title || card.text) && (
        <div class="words">
          {card.title && <b>{card.title}</b>}
          {card.text && <p>{card.text}</p>}
        </div>
      )}
      {(card.actions ?? []).map((action, index) => (
        <ActionButton key={index} action={action} pointer={`${pointer}/actions/${index}`} onTap={onTap} />
      ))}
      {card.action && <ActionButton action={card.action} pointer={`${pointer}/action`} onTap={onTap} />}
    </div>
  );
}

export function TemplateCard({ message, onTap }: { message: Message; onTap: Tap }) {
  const words = useWords();
  const template = message.template;
  if (!template) return <p class="bubble">{message.altText}</p>;
  if (!template.columns) return <CardView card={template} pointer="/template" onTap={onTap} />;
  return (
    <div class="columns" tabIndex={0} role="group" aria-label={words.columns}>
      {template.columns.map((card, index) => (
        <CardView key={index} card={card} pointer={`/template/columns/${index}`} onTap={onTap} />
      ))}
    </div>
  );
}

export function QuickReplies({ item, onTap }: { item: Item; onTap: Tap }) {
  const words = useWords();
  return (
    <div class="quick" role="group" aria-label={words.quickReplies}>
      {(item.message?.quickReply?.items ?? []).map(({ action }, index) => (
        <ActionButton key={index} action={action} pointer={`/quickReply/items/${index}/action`} onTap={onTap} chip />
      ))}
    </div>
  );
}

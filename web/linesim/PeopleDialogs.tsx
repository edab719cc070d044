import { X } from 'lucide-preact';
import { useState } from 'preact/hooks';

import { post } from '../shared/api';
import { Dialog } from '../shared/Dialog';
import { Form, Problem, TextField, Tick, useProblem } from '../shared/fields';
import { fill } from '../shared/language';
import type { Conversation, Model } from './model';
import { useWords } from './words';

const MAX_NAME = 60;

interface Props {
  model: Model;
  onClose: () => void;
}

function CreateButton() {
  return (
    <div class="row end">
      <button type="submit" class="primary">
        {useWords().create}
      </button>
    </div>
  );
}

export function PersonDialog({ model, onClose }: Props) {
  const words = useWords();
  const [name, setName] = useState('');
  const [shown, setShown] = useState('');
  const [isFriend, setFriend] = useState(true);
  const [problem, attempt] = useProblem();
  const create = async () => {
    const user = name.trim();
    const made = await attempt(() =>
      post('/control/users', { user, displayName: shown.trim() || user, friend: isFriend }),
    );
    if (!made) return;
    model.select(model.open({ user, name: user }).key);
    onClose();
  };
  return (
    <Dialog title={words.newUser} closeLabel={words.close} onClose={onClose}>
      <Form onSubmit={create}>
        <TextField label={words.name} value={name} required maxLength={MAX_NAME} onInput={setName} />
        <TextField label={words.displayName} value={shown} maxLength={MAX_NAME} onInput={setShown} />
        <Tick label={words.friend} checked={isFriend} onChange={setFriend} />
        <Problem text={problem} />
        <CreateButton />
      </Form>
    </Dialog>
  );
}

export function GroupDialog({ model, onClose }: Props) {
  const words = useWords();
  const [kind, setKind] = useState<'group' | 'room'>('group');
  const [name, setName] = useState('');
  const [members, setMembers] = useState('alice, bob');
  const [problem, attempt] = useProblem();
  const create = async () => {
    const add = members.split(/[,、，]/).map((member) => member.trim()).filter((member) => member !== '');
    const made = await attempt(() => post('/control/groups', { [kind]: name.trim(), add }));
    if (!made) return;
    model.select(model.open({ kind, name: name.trim() }).key);
    onClose();
  };
  return (
    <Dialog title={words.newGroup} closeLabel={words.close} onClose={onClose}>
      <Form onSubmit={create}>
        <TextField label={words.name} value={name} required maxLength={MAX_NAME} onInput={setName} />
        <TextField label={words.members} value={members} onInput={setMembers} />
        <div class="row">
          {(['group', 'room'] as const).map((one) => (
            <Tick key={one} group="kind" label={words[one]} checked={kind === one} onChange={() => setKind(one)} />
          ))}
        </div>
        <Problem text={problem} />
        <CreateButton />
      </Form>
    </Dialog>
  );
}

// A person's ties to the bot.
function PersonInfo({ model, user, attempt }: { model: Model; user: string; attempt: Attempt }) {
  const words = useWords();
  const person = model.person(user);
  const change = (what: object) => void attempt(() => post('/control/users', { user, ...what }));
  return (
    <>
      <Tick label={words.friend} checked={person?.friend ?? true} onChange={(friend) => change({ friend })} />
      <Tick label={words.blocked} checked={person?.blocked ?? false} onChange={(blocked) => change({ blocked })} />
      <Tick
        label={words.identified}
        checked={person?.identified ?? true}
        onChange={(identified) => change({ identified })}
      />
    </>
  );
}

// The members of a group or room, and whether the bot is one.
function ChatInfo({ model, conversation, attempt }: { model: Model; conversation: Conversation; attempt: Attempt }) {
  const words = useWords();
  const [added, setAdded] = useState('');
  const chat = model.chat(conversation);
  const change = (what: object) =>
    attempt(() => post('/control/groups', { [conversation.kind ?? 'group']: conversation.name, ...what }));
  const add = async () => {
    if (added.trim() !== '' && (await change({ add: [added.trim()] }))) setAdded('');
  };
  return (
    <>
      <Tick label={words.botIn} checked={chat?.bot ?? true} onChange={(bot) => void change({ bot })} />
      <h3>{words.members}</h3>
      <ul class="members">
        {(chat?.members ?? []).map((member) => (
          <li key={member}>
            <span class="grow">{model.displayName(member)}</span>
            <button
              type="button"
              class="icon"
              aria-label={fill(words.remove, { name: model.displayName(member) })}
              onClick={() => void change({ remove: [member] })}
            >
              <X size={18} aria-hidden="true" />
            </button>
          </li>
        ))}
      </ul>
      <Form onSubmit={add}>
        <div class="beside">
          <TextField label={words.name} value={added} maxLength={MAX_NAME} onInput={setAdded} />
          <button type="submit">{words.add}</button>
        </div>
      </Form>
    </>
  );
}

type Attempt = ReturnType<typeof useProblem>[1];

// What can be changed of a conversation's other side.
export function InfoDialog({ model, onClose, conversation }: Props & { conversation: Conversation }) {
  const words = useWords();
  const [problem, attempt] = useProblem();
  return (
    <Dialog title={model.title(conversation)} closeLabel={words.close} onClose={onClose}>
      {conversation.user === undefined ? (
        <ChatInfo model={model} conversation={conversation} attempt={attempt} />
      ) : (
        <PersonInfo model={model} user={conversation.user} attempt={attempt} />
      )}
      <Problem text={problem} />
    </Dialog>
  );
}

import { X } from 'lucide-preact';
import { useState } from 'preact/hooks';

import { post } from '../shared/api';
import { Dialog } from '../shared/Dialog';
import { fill } from '../shared/language';
import type { Conversation, Model } from './model';
import { useWords } from './words';

interface Props {
  model: Model;
  onClose: () => void;
}

function useProblem(): [string, (work: () => Promise<unknown>) => Promise<boolean>] {
  const [problem, setProblem] = useState('');
  const attempt = async (work: () => Promise<unknown>) => {
    try {
      await work();
      setProblem('');
      return true;
    } catch (error) {
      setProblem((error as Error).message);
      return false;
    }
  };
  return [problem, attempt];
}

function Problem({ text }: { text: string }) {
  return text ? (
    <p class="problem" role="alert">
      {text}
    </p>
  ) : null;
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
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <label>
          {words.name}
          <input value={name} required maxLength={60} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <label>
          {words.displayName}
          <input value={shown} maxLength={60} onInput={(event) => setShown(event.currentTarget.value)} />
        </label>
        <label class="check">
          <input type="checkbox" checked={isFriend} onChange={(event) => setFriend(event.currentTarget.checked)} />
          {words.friend}
        </label>
        <Problem text={problem} />
        <div class="row end">
          <button type="submit" class="primary">
            {words.create}
          </button>
        </div>
      </form>
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
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <label>
          {words.name}
          <input value={name} required maxLength={60} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <label>
          {words.members}
          <input value={members} onInput={(event) => setMembers(event.currentTarget.value)} />
        </label>
        <div class="row">
          {(['group', 'room'] as const).map((one) => (
            <label class="check" key={one}>
              <input type="radio" name="kind" checked={kind === one} onChange={() => setKind(one)} />
              {words[one]}
            </label>
          ))}
        </div>
        <Problem text={problem} />
        <div class="row end">
          <button type="submit" class="primary">
            {words.create}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

// What can be changed of a chat: its members and whether the bot is in it, or a person's ties to the bot.
export function InfoDialog({ model, onClose, conversation }: Props & { conversation: Conversation }) {
  const words = useWords();
  const [added, setAdded] = useState('');
  const [problem, attempt] = useProblem();
  const chat = model.chat(conversation);
  const person = conversation.user === undefined ? undefined : model.person(conversation.user);
  const changeChat = (change: object) =>
    attempt(() => post('/control/groups', { [conversation.kind ?? 'group']: conversation.name, ...change }));
  const changePerson = (change: object) => attempt(() => post('/control/users', { user: conversation.user, ...change }));
  const add = async () => {
    if (added.trim() !== '' && (await changeChat({ add: [added.trim()] }))) setAdded('');
  };
  return (
    <Dialog title={model.title(conversation)} closeLabel={words.close} onClose={onClose}>
      {conversation.user !== undefined ? (
        <>
          <label class="check">
            <input
              type="checkbox"
              checked={person?.friend ?? true}
              onChange={(event) => void changePerson({ friend: event.currentTarget.checked })}
            />
            {words.friend}
          </label>
          <label class="check">
            <input
              type="checkbox"
              checked={person?.blocked ?? false}
              onChange={(event) => void changePerson({ blocked: event.currentTarget.checked })}
            />
            {words.blocked}
          </label>
          <label class="check">
            <input
              type="checkbox"
              checked={person?.identified ?? true}
              onChange={(event) => void changePerson({ identified: event.currentTarget.checked })}
            />
            {words.identified}
          </label>
        </>
      ) : (
        <>
          <label class="check">
            <input
              type="checkbox"
              checked={chat?.bot ?? true}
              onChange={(event) => void changeChat({ bot: event.currentTarget.checked })}
            />
            {words.botIn}
          </label>
          <h3>{words.members}</h3>
          <ul class="members">
            {(chat?.members ?? []).map((member) => (
              <li key={member}>
                <span class="grow">{model.displayName(member)}</span>
                <button
                  type="button"
                  class="icon"
                  aria-label={fill(words.remove, { name: model.displayName(member) })}
                  onClick={() => void changeChat({ remove: [member] })}
                >
                  <X size={18} aria-hidden="true" />
                </button>
              </li>
            ))}
          </ul>
          <form
            class="row"
            onSubmit={(event) => {
              event.preventDefault();
              void add();
            }}
          >
            <input
              class="grow"
              aria-label={words.name}
              value={added}
              maxLength={60}
              onInput={(event) => setAdded(event.currentTarget.value)}
            />
            <button type="submit">{words.add}</button>
          </form>
        </>
      )}
      <Problem text={problem} />
    </Dialog>
  );
}

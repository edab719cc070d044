import type { Chat, Entry, Message, People, Person, State } from './ledger';

export interface Delivery {
  webhook?: { accepted: boolean; status: number; latencyMs: number; redelivery: boolean; error: string };
  answer?: { via: 'reply' | 'push'; latencyMs: number };
}

// One line of a conversation.
export interface Item {
  key: string;
  from: string | null; // a person's name; null = the bot
  message?: Message; // none: a notice
  notice?: { type: string; user: string; names: string[]; text: string };
  delivery?: Delivery;
  via?: 'reply' | 'push';
  spoiled?: boolean;
  undelivered?: boolean;
  edited?: boolean;
  unsent?: boolean;
  standby?: boolean;
}

export interface Conversation {
  key: string; // "user alice", "group team", "room old"
  user?: string; // of 1:1
  kind?: 'group' | 'room';
  name: string;
  items: Item[];
  typing: boolean;
  readUpTo?: string;
  unread: boolean;
}

const SHOWN_PER_CHAT = 500;
const FIRST: Pick<Conversation, 'user' | 'kind' | 'name'>[] = [
  { user: 'alice', name: 'alice' },
  { user: 'bob', name: 'bob' },
  { user: 'carol', name: 'carol' },
  { kind: 'group', name: 'team' },
];

export type Connection = 'starting' | 'ready' | 'lost';

// Everything the page shows, made from the simulator's ledger, so that a reload and a second window show the same.
// Changed in place; listeners hear of each change.
export class Model {
  state: State = { bot: { userId: '', displayName: '…' }, webhookUrl: '', ledger: 0 };
  connection: Connection = 'starting';
  conversations = new Map<string, Conversation>();
  current: string | null = null;
  private people: People = { users: [], chats: [] };
  private byLineId = new Map<string, Conversation>();
  private byEvent = new Map<string, Item>();
  private byMessage = new Map<string, Item>();
  private byQuoteToken = new Map<string, Item>(); // of people's messages
  private typingTimers = new Map<Conversation, number>();
  private listeners = new Set<() => void>();

  constructor() {
    for (const first of FIRST) this.open(first);
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  changed(): void {
    for (const listener of this.listeners) listener();
  }

  person(name: string): Person | undefined {
    return this.people.users.find((person) => person.user === name);
  }
  personById(userId: string | undefined): Person | undefined {
    return this.people.users.find((person) => person.userId === userId);
  }
  chat(conversation: Conversation): Chat | undefined {
    return this.people.chats.find((chat) => chat.kind === conversation.kind && chat.name === conversation.name);
  }
  displayName(user: string | null): string {
    return user === null ? this.state.bot.displayName : (this.person(user)?.displayName ?? user);
  }
  title(conversation: Conversation): string {
    if (conversation.user !== undefined) return this.displayName(conversation.user);
    return this.chat(conversation)?.title ?? conversation.name;
  }
  // Who may write there: the members, or anybody known while the group was not made on purpose.
  writers(conversation: Conversation): string[] {
    if (conversation.user !== undefined) return [conversation.user];
    const members = this.chat(conversation)?.members ?? [];
    return members.length > 0 ? members : ['alice', 'bob', 'carol'];
  }
  message(id: string | undefined): Item | undefined {
    return id === undefined ? undefined : this.byMessage.get(id);
  }
  // The message that is quoted: people quote by id, the bot by token.
  quotedIn({ from, message }: Item): Item | undefined {
    if (from !== null) return this.message(message?.quotedMessageId);
    return message?.quoteToken ? this.byQuoteToken.get(message.quoteToken) : undefined;
  }

  open(place: Pick<Conversation, 'user' | 'kind' | 'name'>): Conversation {
    const key = place.kind ? `${place.kind} ${place.name}` : `user ${place.name}`;
    let conversation = this.conversations.get(key);
    if (!conversation) {
      conversation = { ...place, key, items: [], typing: false, unread: false };
      this.conversations.set(key, conversation);
    }
    return conversation;
  }

  select(key: string | null): void {
    this.current = key;
    const conversation = key === null ? undefined : this.conversations.get(key);
    if (conversation) conversation.unread = false;
    this.changed();
  }

  setPeople(people: People): void {
    this.people = people;
    for (const person of people.users) {
      this.byLineId.set(person.userId, this.open({ user: person.user, name: person.user }));
    }
    for (const chat of people.chats) this.byLineId.set(chat.id, this.open({ kind: chat.kind, name: chat.name }));
  }

  // live: it happens now; else it is told of the time before the page was opened.
  apply(entry: Entry, live: boolean): void {
    switch (entry.kind) {
      case 'event': return this.applyEvent(entry);
      case 'webhook': return this.applyWebhook(entry);
      case 'messages': return this.applyMessages(entry);
      case 'loading': return live ? this.applyLoading(entry) : undefined;
      case 'read': {
        const conversation = this.byLineId.get(entry.conversation);
        if (conversation) conversation.readUpTo = entry.messageId;
        return;
      }
      case 'people': return;
    }
  }

  private add(conversation: Conversation, item: Item): void {
    conversation.items.push(item);
    if (conversation.items.length > SHOWN_PER_CHAT) conversation.items.shift();
    if (conversation.key !== this.current) conversation.unread = true;
  }

  private applyEvent(entry: Extract<Entry, { kind: 'event' }>): void {
    if (!entry.conversation) return;
    const name = entry.group ?? entry.room ?? entry.user;
    const kind = entry.group !== undefined ? 'group' : entry.room !== undefined ? 'room' : undefined;
    const conversation = this.open(kind ? { kind, name } : { user: name, name });
    this.byLineId.set(entry.conversation, conversation);
    const item: Item = { key: `e${entry.n}`, from: entry.user, delivery: {} };
    if (entry.standby) item.standby = true;
    this.byEvent.set(entry.webhookEventId, item);
    const message = entry.event.message;
    if (entry.type === 'message' && message) {
      item.message = message;
      if (message.id) this.byMessage.set(message.id, item);
      if (message.quoteToken) this.byQuoteToken.set(message.quoteToken, item);
      return this.add(conversation, item);
    }
    const about = this.byMessage.get(entry.messageId ?? '');
    if (entry.type === 'messageEdited' && message && about) {
      about.message = { ...message, quotedMessageId: about.message?.quotedMessageId };
      if (message.quoteToken) this.byQuoteToken.set(message.quoteToken, about);
      about.edited = true;
      about.delivery = {};
      this.byEvent.set(entry.webhookEventId, about);
      return;
    }
    if (entry.type === 'unsend' && about) {
      about.unsent = true;
      return;
    }
    const ids = (entry.event.joined ?? entry.event.left)?.members ?? [];
    const names = ids.map(({ userId }) => this.personById(userId)?.displayName ?? userId);
    item.notice = { type: entry.type, user: entry.user, names, text: entry.text };
    this.add(conversation, item);
  }

  private applyWebhook(entry: Extract<Entry, { kind: 'webhook' }>): void {
    const item = this.byEvent.get(entry.webhookEventId);
    if (!item) return;
    const { accepted, status, latencyMs, redelivery } = entry;
    item.delivery = { ...item.delivery, webhook: { accepted, status, latencyMs, redelivery, error: entry.error ?? '' } };
  }

  private applyMessages(entry: Extract<Entry, { kind: 'messages' }>): void {
    const conversation = this.byLineId.get(entry.conversation);
    if (!conversation) return;
    this.stopTyping(conversation);
    entry.messages.forEach((message, index) => {
      const id = entry.messageIds[index] ?? '';
      const item: Item = { key: `b${entry.n}.${index}`, from: null, message: { ...message, id }, via: entry.via };
      if (entry.answerSpoiled) item.spoiled = true;
      if (entry.recipients === 0) item.undelivered = true;
      this.byMessage.set(id, item);
      this.add(conversation, item);
    });
    const asked = entry.webhookEventId ? this.byEvent.get(entry.webhookEventId) : undefined;
    if (asked) asked.delivery = { ...asked.delivery, answer: { via: entry.via, latencyMs: entry.latencyMs ?? 0 } };
  }

  private applyLoading(entry: Extract<Entry, { kind: 'loading' }>): void {
    const conversation = this.byLineId.get(entry.conversation);
    if (!conversation) return;
    this.stopTyping(conversation);
    conversation.typing = true;
    const timer = window.setTimeout(() => {
      this.stopTyping(conversation);
      this.changed();
    }, entry.seconds * 1000);
    this.typingTimers.set(conversation, timer);
  }

  private stopTyping(conversation: Conversation): void {
    conversation.typing = false;
    window.clearTimeout(this.typingTimers.get(conversation));
    this.typingTimers.delete(conversation);
  }
}

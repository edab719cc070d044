// What the simulator's control interface tells, as far as the page uses it.

export interface Person {
  user: string;
  userId: string;
  displayName: string;
  friend: boolean;
  blocked: boolean;
  identified: boolean;
}

export interface Chat {
  kind: 'group' | 'room';
  name: string;
  id: string;
  title: string;
  members: string[];
  bot: boolean;
}

export interface People {
  users: Person[];
  chats: Chat[];
}

export interface State {
  bot: { userId: string; displayName: string };
  webhookUrl: string;
  ledger: number;
}

export interface Action {
  type: string;
  label?: string;
  uri?: string;
  mode?: string;
}

// A message of either side; members depend on its type.
export interface Message {
  type: string;
  id?: string;
  text?: string;
  quoteToken?: string;
  quotedMessageId?: string;
  mention?: { mentionees: { index: number; length: number }[] };
  fileName?: string;
  fileSize?: number;
  title?: string;
  address?: string;
  latitude?: number;
  longitude?: number;
  packageId?: string;
  stickerId?: string;
  keywords?: string[];
  originalContentUrl?: string;
  altText?: string;
  template?: Template;
  contents?: unknown;
  quickReply?: { items: { action: Action }[] };
  substitution?: Record<string, { type: string; mentionee?: { type: string; userId?: string } }>;
  sender?: { name?: string };
}

export interface Card {
  title?: string;
  text?: string;
  actions?: Action[];
  action?: Action;
}

export interface Template extends Card {
  type: string;
  columns?: Card[];
}

export type Entry =
  | {
      kind: 'event';
      n: number;
      type: string;
      event: { message?: Message; unsend?: { messageId: string }; joined?: Members; left?: Members };
      webhookEventId: string;
      user: string;
      group?: string;
      room?: string;
      conversation: string;
      messageId?: string;
      text: string;
      standby?: boolean;
    }
  | {
      kind: 'webhook';
      n: number;
      webhookEventId: string;
      accepted: boolean;
      status: number;
      latencyMs: number;
      redelivery: boolean;
      error?: string;
    }
  | {
      kind: 'messages';
      n: number;
      via: 'reply' | 'push';
      conversation: string;
      messages: Message[];
      messageIds: string[];
      recipients: number;
      answerSpoiled: boolean;
      webhookEventId?: string;
      latencyMs?: number;
    }
  | { kind: 'loading'; n: number; conversation: string; seconds: number }
  | { kind: 'read'; n: number; conversation: string; messageId: string }
  | { kind: 'people'; n: number };

export interface Members {
  members: { userId: string }[];
}

export interface LedgerPage {
  entries: Entry[];
  next: number;
  total: number;
}

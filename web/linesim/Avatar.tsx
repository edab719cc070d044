import { Bot, Users } from 'lucide-preact';

// A round sign for somebody; the same name has always the same colour.
export function Avatar({ name, kind }: { name: string; kind: 'person' | 'chat' | 'bot' }) {
  let sum = 0;
  for (const sign of name) sum = (sum * 31 + (sign.codePointAt(0) ?? 0)) % 6;
  const [first] = name;
  return (
    <span class={`avatar ${kind === 'bot' ? 'bot' : `tone${sum}`}`} aria-hidden="true">
      {kind === 'bot' ? <Bot size={20} /> : kind === 'chat' ? <Users size={20} /> : first?.toUpperCase()}
    </span>
  );
}

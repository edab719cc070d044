import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

interface TextFieldProps {
  label: string;
  value: string;
  onInput: (value: string) => void;
  type?: 'text' | 'url';
  required?: boolean;
  maxLength?: number;
  placeholder?: string;
}

export function TextField({ label, onInput, ...input }: TextFieldProps) {
  return (
    <label>
      {label}
      <input {...input} autocomplete="off" spellcheck={false} onInput={(event) => onInput(event.currentTarget.value)} />
    </label>
  );
}

interface TickProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  group?: string; // one of several that exclude each other
}

export function Tick({ label, checked, onChange, group }: TickProps) {
  return (
    <label class="check">
      <input
        type={group === undefined ? 'checkbox' : 'radio'}
        name={group}
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      {label}
    </label>
  );
}

// A form whose work ends with its last button.
export function Form({ onSubmit, children }: { onSubmit: () => Promise<void>; children: ComponentChildren }) {
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void onSubmit();
      }}
    >
      {children}
    </form>
  );
}

// What went wrong last, and a way to try work that may go wrong: true when it did not.
export function useProblem(): [string, (work: () => Promise<unknown>) => Promise<boolean>] {
  const [problem, setProblem] = useState('');
  const attempt = async (work: () => Promise<unknown>) => {
    setProblem('');
    try {
      await work();
      return true;
    } catch (error) {
      setProblem((error as Error).message);
      return false;
    }
  };
  return [problem, attempt];
}

export function Problem({ text }: { text: string }) {
  return text ? (
    <p class="problem" role="alert">
      {text}
    </p>
  ) : null;
}

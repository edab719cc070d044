import { X } from 'lucide-preact';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface Props {
  title: string;
  closeLabel: string;
  onClose: () => void;
  children: ComponentChildren;
}

// A modal dialog: the browser keeps the focus in it, Escape closes it.
export function Dialog({ title, closeLabel, onClose, children }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => box.current?.showModal(), []);
  return (
    <dialog ref={box} onClose={onClose} aria-labelledby="dialog-title">
      <div class="dialog-head">
        <h2 id="dialog-title">{title}</h2>
        <button type="button" class="icon" aria-label={closeLabel} onClick={() => box.current?.close()}>
          <X aria-hidden="true" />
        </button>
      </div>
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}

import { get } from '../shared/api';
import type { LedgerPage, People, State } from './ledger';
import type { Model } from './model';

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

export async function readState(model: Model): Promise<State> {
  model.state = await get<State>('/control/state');
  document.title = `${model.state.bot.displayName} · linesim`;
  return model.state;
}

// Keeps the model up with the simulator's ledger, for as long as the page is open.
export async function follow(model: Model): Promise<never> {
  let since = 0;
  let live = 0; // entries from here on happen while the page is open
  let failures = 0;
  for (;;) {
    try {
      if (failures > 0 || since === 0) {
        const state = await readState(model);
        if (state.ledger < since) location.reload(); // another simulator runs now
        if (since === 0) live = state.ledger;
        model.setPeople(await get<People>('/control/people'));
        model.connection = 'ready';
        model.changed();
      }
      const page = await get<LedgerPage>(`/control/ledger?since=${since}&limit=500&wait=25s`);
      // Who somebody is must be known before what they did: an event may name people who are new.
      if (page.entries.some(({ kind }) => kind === 'people' || kind === 'event'))
        model.setPeople(await get<People>('/control/people'));
      for (const entry of page.entries) model.apply(entry, entry.n > live);
      since = page.next;
      failures = 0;
      if (page.entries.length > 0) model.changed();
    } catch {
      failures += 1;
      model.connection = 'lost';
      model.changed();
      await pause(Math.min(500 * failures, 5000));
    }
  }
}

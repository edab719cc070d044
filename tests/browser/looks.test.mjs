// The chat page for everybody: languages, light and dark, a phone, the keyboard alone, and what axe finds.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { axeSource, Chain, GUARD_MS } from './chain.mjs';

const chain = new Chain();
before(
  async () => {
    await chain.start();
    await chain.control('users', { user: 'alice', displayName: '佐藤 花子', friend: true });
    await chain.control('groups', { group: 'team', title: 'ครอบครัว', add: ['alice', 'bob'] });
    await chain.control('events', {
      events: [
        { user: 'alice', text: 'buttons' },
        { user: 'alice', message: { type: 'image' } },
        { user: 'alice', message: { type: 'audio' } },
        { user: 'alice', message: { type: 'file', fileName: 'a.pdf' } },
        { user: 'alice', message: { type: 'location', title: 'Here', latitude: 35.1, longitude: 139.2 } },
        { user: 'alice', text: 'quick' },
        { user: 'bob', group: 'team', text: '@Tsunagi hello', mentions: ['bot'] },
      ],
    });
  },
  { timeout: GUARD_MS },
);
after(async () => {
  await chain.stop();
  assert.deepEqual(chain.problems, []);
});

const close = (page) => page.context().close();
const WORDS = {
  en: { locale: 'en-GB', message: 'Message', settings: 'Settings', language: 'Language' },
  ja: { locale: 'ja-JP', message: 'メッセージ', settings: '設定', language: '言語' },
  'zh-TW': { locale: 'zh-Hant-TW', message: '訊息', settings: '設定', language: '語言' },
  th: { locale: 'th-TH', message: 'ข้อความ', settings: 'การตั้งค่า', language: 'ภาษา' },
};

async function violations(page) {
  await page.evaluate(axeSource);
  const { violations: found } = await page.evaluate(() =>
    globalThis.axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }),
  );
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

for (const [tag, words] of Object.entries(WORDS)) {
  test(`it speaks ${tag} to a browser that asks for it`, async () => {
    const page = await chain.open({ locale: words.locale });
    await page.getByRole('textbox', { name: words.message }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), tag);
    await close(page);
  });
}

test('another language is chosen and remembered', async () => {
  const page = await chain.open();
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByLabel('Language').selectOption('th');
  await page.getByRole('heading', { name: WORDS.th.settings }).waitFor();
  await page.keyboard.press('Escape');
  await page.reload();
  await page.getByRole('textbox', { name: WORDS.th.message }).waitFor();
  await close(page);
});

test('it follows light and dark', async () => {
  const page = await chain.open();
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.emulateMedia({ colorScheme: 'dark' });
  assert.notEqual(await ground(), light);
  await close(page);
});

test('a phone shows the chats or one conversation, and nothing hangs over', async () => {
  const page = await chain.open({ viewport: { width: 360, height: 740 } });
  const fits = async () =>
    assert.equal(await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth), 0);
  await fits();
  assert.equal(await page.getByRole('textbox', { name: 'Message' }).count(), 0);
  await page.getByRole('button', { name: '佐藤 花子' }).click();
  await page.getByRole('log').getByText('Choose one').waitFor();
  await fits();
  await page.locator('article summary').last().click();
  const menu = await page.getByRole('button', { name: 'Quote' }).boundingBox();
  assert.ok(menu.x >= 0 && menu.x + menu.width <= 360 && menu.y + menu.height <= 740, JSON.stringify(menu));
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Back to the chats' }).click();
  await page.getByRole('button', { name: 'ครอบครัว' }).click();
  await page.getByRole('log').getByText('You said: @Tsunagi hello').waitFor();
  await fits();
  await close(page);
});

test('on a phone a choice stands on one line, and a voice message has its player', async () => {
  const page = await chain.open({ viewport: { width: 360, height: 740 } });
  await page.getByRole('button', { name: 'New group' }).click();
  for (const name of ['Group', 'Room']) {
    const choice = page.locator('label.check', { hasText: name });
    const { height } = await choice.boundingBox();
    assert.ok(height < 60, `${name}: ${height}`);
    const { width } = await choice.getByRole('radio').boundingBox();
    assert.ok(width < 32, `${name}: ${width}`);
  }
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: '佐藤 花子' }).click();
  const player = await page.locator('audio').boundingBox();
  assert.ok(player.width > 120 && player.x + player.width <= 360, JSON.stringify(player));
  await close(page);
});

test('the keyboard alone is enough', async () => {
  const page = await chain.open();
  const reach = async (name) => {
    for (let presses = 0; presses < 60; ++presses) {
      const label = await page.evaluate(() => {
        const at = document.activeElement;
        return at === document.body ? '' : (at?.getAttribute('aria-label') ?? at?.textContent ?? '');
      });
      if (label.includes(name)) return;
      await page.keyboard.press('Tab');
    }
    assert.fail(`Tab never reached "${name}"`);
  };
  await reach('bob');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'bob' }).waitFor();
  await reach('Message');
  await page.keyboard.type('by keyboard');
  await page.keyboard.press('Enter');
  await page.getByRole('log').getByText('You said: by keyboard').waitFor();
  await page.getByRole('log').focus();
  await reach('More about this message');
  await page.keyboard.press('Enter');
  await reach('Quote');
  await page.keyboard.press('Enter');
  await page.getByText('Quoting bob').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Message');
  await close(page);
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing in ${colorScheme}`, async () => {
    const page = await chain.open({ colorScheme, bypassCSP: true });
    await page.getByRole('button', { name: '佐藤 花子' }).click();
    await page.getByRole('log').getByText('Choose one').waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByRole('button', { name: 'Send a sticker' }).click();
    await page.locator('article summary').first().click();
    assert.deepEqual(await violations(page), []);
    await page.getByRole('button', { name: 'ครอบครัว' }).click();
    await page.getByRole('button', { name: 'About this chat' }).click();
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Settings' }).click();
    assert.deepEqual(await violations(page), []);
    await close(page);
    const phone = await chain.open({ colorScheme, bypassCSP: true, viewport: { width: 360, height: 740 } });
    assert.deepEqual(await violations(phone), []);
    await close(phone);
  });
}

// The chat page in a real browser: what somebody sees and does in a conversation with the bot.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { Chain, GUARD_MS } from './chain.mjs';

// Four by three points, half of them red.
const PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAIAAAA7ljmRAAAAFElEQVR42mP4z8CAFaEL4BBnwAQAWfsL9fFLVnkAAAAASUVORK5CYII=';

const chain = new Chain();
before(() => chain.start(), { timeout: GUARD_MS });
after(() => chain.stop());
afterEach(() => {
  const problems = chain.problems.splice(0);
  assert.deepEqual(problems, []);
});

const log = (page) => page.getByRole('log');
const field = (page) => page.getByRole('textbox', { name: 'Message' });
async function say(page, words) {
  await field(page).fill(words);
  await page.keyboard.press('Enter');
}
// A conversation of its own, so that tests do not see each other's messages.
async function openAs(user, options) {
  await chain.control('users', { user, quiet: true });
  const page = await chain.open(options);
  await page.getByRole('button', { name: user, exact: false }).first().click();
  await page.getByRole('heading', { name: user }).waitFor();
  return page;
}
const close = (page) => page.context().close();

test('a message goes out, is answered, and its way is told', async () => {
  const page = await openAs('hanako');
  await say(page, 'こんにちは 🤨');
  await log(page).getByText('You said: こんにちは 🤨').waitFor();
  const mine = log(page).getByRole('article', { name: 'hanako' });
  await mine.getByText(/delivered \d+ ms · answered \d+ ms · read/).waitFor();
  await log(page).getByText('reply', { exact: true }).waitFor();
  assert.equal(await field(page).inputValue(), '');
  await page.reload();
  await page.getByRole('button', { name: 'hanako' }).click();
  await log(page).getByText('You said: こんにちは 🤨').waitFor();
  await close(page);
});

test('the loading animation shows until the answer comes', async () => {
  const page = await openAs('ichiro');
  await say(page, 'wait');
  await log(page).getByText('Tsunagi is writing…').waitFor({ state: 'attached' });
  chain.bot.release();
  await log(page).getByText('You said: wait').waitFor();
  assert.equal(await log(page).getByText('is writing…').count(), 0);
  await close(page);
});

test('a push is told from a reply', async () => {
  const page = await openAs('jiro');
  await say(page, 'hello');
  await log(page).getByText('You said: hello').waitFor();
  const { users } = await chain.control('people');
  await chain.bot.push(users.find(({ user }) => user === 'jiro').userId, 'News for you');
  await log(page).getByText('News for you').waitFor();
  await log(page).getByText('push', { exact: true }).waitFor();
  await close(page);
});

test('a tap on a button reaches the bot', async () => {
  const page = await openAs('kenji');
  await say(page, 'buttons');
  await log(page).getByText('I am still thinking. What shall I do?').waitFor();
  await log(page).getByRole('button', { name: 'Get the answer' }).click();
  await log(page).getByText('You tapped answer=1').waitFor();
  await log(page).getByText('kenji: Get the answer').waitFor();
  await log(page).getByRole('button', { name: 'Never mind' }).click();
  await log(page).getByText('You said: never mind').waitFor();
  await close(page);
});

test('quick replies stand under the newest message and go with the next', async () => {
  const page = await openAs('kumiko');
  await say(page, 'quick');
  const quick = page.getByRole('group', { name: 'Quick replies' });
  await quick.getByRole('button', { name: 'green' }).click();
  await log(page).getByText('You said: green').waitFor();
  await quick.waitFor({ state: 'detached' });
  await close(page);
});

test('pictures, files and stickers are sent and shown', async () => {
  const page = await openAs('mariko');
  const attach = page.locator('input[type=file]');
  await attach.setInputFiles({ name: 'p.png', mimeType: 'image/png', buffer: Buffer.from(PICTURE, 'base64') });
  await log(page).getByText('Got your image').waitFor();
  const picture = log(page).getByRole('img', { name: 'Picture' });
  await page.waitForFunction((image) => image.complete && image.naturalWidth > 0, await picture.elementHandle());
  assert.deepEqual(await picture.evaluate(({ naturalWidth, naturalHeight }) => [naturalWidth, naturalHeight]), [4, 3]);
  await attach.setInputFiles({ name: '<b>report</b>.html', mimeType: 'text/html', buffer: Buffer.from('<script>1</script>') });
  await log(page).getByText('Got your file').waitFor();
  await log(page).getByText('<b>report</b>.html').waitFor();
  await page.getByRole('button', { name: 'Send a sticker' }).click();
  await page.getByRole('button', { name: 'thank you' }).click();
  await log(page).getByText('A sticker: thank you, please').waitFor();
  await say(page, 'picture');
  await log(page).getByText('https://example.org/a.jpg').waitFor();
  await close(page);
});

test('a message is quoted by a person and by the bot', async () => {
  const page = await openAs('naoko');
  await say(page, 'quote me');
  const answer = log(page).getByRole('article', { name: 'Tsunagi' });
  await answer.getByText('quoted message:').waitFor({ state: 'attached' });
  await answer.getByText('More about this message').or(answer.locator('summary')).first().click();
  await answer.getByRole('button', { name: 'Quote' }).click();
  await page.getByText('Quoting Tsunagi').waitFor();
  await say(page, 'what does that mean?');
  await log(page).getByText('You said: what does that mean?').waitFor();
  const asked = chain.bot.events.find(({ message }) => message?.text === 'what does that mean?');
  const { entries } = await chain.control('ledger?limit=5000');
  const said = entries.find(({ kind, messageIds }) => kind === 'messages' && messageIds.includes(asked.message.quotedMessageId));
  assert.equal(said.messages[0].text, 'You said: quote me');
  await close(page);
});

test('two people write in a group, mention the bot, edit and take back', async () => {
  await chain.control('groups', { group: 'family', title: 'Family', add: ['alice', 'bob'] });
  const page = await chain.open();
  await page.getByRole('button', { name: 'Family' }).click();
  await log(page).getByText('The bot joined').waitFor();
  await page.getByRole('button', { name: 'Mention the bot' }).click();
  await field(page).press('End');
  await page.keyboard.type('what is for dinner?');
  await page.keyboard.press('Enter');
  await log(page).getByText('You said: @Tsunagi what is for dinner?').waitFor();
  const asked = chain.bot.events.find(({ message }) => message?.text === '@Tsunagi what is for dinner?');
  assert.equal(asked.message.mention.mentionees[0].isSelf, true);
  assert.equal(asked.source.type, 'group');
  await page.getByLabel('You act as').selectOption('bob');
  await say(page, 'noodels');
  await log(page).getByText('You said: noodels').waitFor();
  const bobs = log(page).getByRole('article', { name: 'bob' });
  await bobs.locator('summary').click();
  await bobs.getByRole('button', { name: 'Edit' }).click();
  await say(page, 'noodles');
  await log(page).getByText('Now it says: noodles').waitFor();
  await bobs.getByText(/edited/).waitFor();
  await bobs.locator('summary').click();
  await bobs.getByRole('button', { name: 'Unsend' }).click();
  await bobs.getByText('Message unsent').waitFor();
  const names = chain.bot.events.filter(({ source }) => source.groupId === asked.source.groupId).map(({ type }) => type);
  assert.deepEqual(names, ['join', 'message', 'message', 'messageEdited', 'unsend']);

  await page.getByRole('button', { name: 'About this chat' }).click();
  await page.getByRole('button', { name: 'Remove bob' }).click();
  await page.getByText('bob left').waitFor({ state: 'attached' });
  await page.keyboard.press('Escape');
  await page.getByText('1 members').waitFor();
  await close(page);
});

test('a person and a group are made on the page', async () => {
  const page = await chain.open();
  await page.getByRole('button', { name: 'New person' }).click();
  await page.getByLabel('Name', { exact: true }).fill('ป้าแดง');
  await page.getByRole('button', { name: 'Create' }).click();
  await log(page).getByText('ป้าแดง added the bot as a friend').waitFor();
  await log(page).getByText('Welcome!').waitFor();
  await page.getByRole('button', { name: 'New group' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Trip');
  await page.getByLabel('Members').fill('ป้าแดง、alice');
  await page.getByRole('button', { name: 'Create' }).click();
  await log(page).getByText('Hello, everybody!').waitFor();
  await page.getByText('2 members').waitFor();
  await close(page);
});

test('text of any kind stays text', async () => {
  const page = await openAs('yuki');
  const nasty = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
  await say(page, nasty);
  await log(page).getByText(`You said: ${nasty}`).waitFor();
  assert.match(await page.title(), /linesim/);
  assert.equal(await log(page).locator('script, img').count(), 0);
  await close(page);
});

test('a webhook that is refused is told, and who is blocked by', async () => {
  const page = await openAs('zoe');
  const { webhookUrl } = await chain.control('state');
  await chain.control('webhook-url', { url: 'http://127.0.0.1:1/' });
  try {
    await say(page, 'anybody?');
    await log(page).getByText('webhook not reached').waitFor();
  } finally {
    await chain.control('webhook-url', { url: webhookUrl });
  }
  await chain.control('users', { user: 'zoe', blocked: true });
  await page.getByText('zoe has blocked the bot.').waitFor();
  await field(page).fill('hello?');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('has blocked the bot and cannot write').waitFor();
  assert.equal(await field(page).inputValue(), 'hello?');
  const refused = chain.problems.filter((text) => text.includes('400'));
  assert.equal(refused.length, 1, 'the browser itself tells of the refused call');
  chain.problems.splice(0);
  await close(page);
});

// A bot for the browser tests: answers by what it is told. "wait" holds its answer until released.
import { createServer } from 'node:http';

const text = (words, more = {}) => ({ type: 'text', text: words, ...more });
const postback = (label, data) => ({ type: 'postback', label, data, displayText: label });

function answersTo(event) {
  if (event.type === 'postback') return [text(`You tapped ${event.postback.data}`)];
  if (event.type === 'follow') return [text('Welcome!')];
  if (event.type === 'join') return [text('Hello, everybody!')];
  if (event.type === 'messageEdited') return [text(`Now it says: ${event.message.text}`)];
  const { message } = event;
  if (message?.type === 'sticker') return [text(`A sticker: ${message.keywords?.join(', ')}`)];
  if (message?.type !== 'text') return [text(`Got your ${message?.type}`)];
  const said = message.text;
  if (said === 'buttons')
    return [
      {
        type: 'template',
        altText: 'What next?',
        template: {
          type: 'buttons',
          title: 'Slow answer',
          text: 'I am still thinking. What shall I do?',
          actions: [
            postback('Get the answer', 'answer=1'),
            { type: 'message', label: 'Never mind', text: 'never mind' },
            { type: 'uri', label: 'Read more', uri: 'https://example.org/' },
          ],
        },
      },
    ];
  if (said === 'quick')
    return [
      text('Choose one', {
        quickReply: {
          items: ['red', 'green'].map((colour) => ({
            type: 'action',
            action: { type: 'message', label: colour, text: colour },
          })),
        },
      }),
    ];
  if (said === 'picture')
    return [
      { type: 'image', originalContentUrl: 'https://example.org/a.jpg', previewImageUrl: 'https://example.org/a.jpg' },
    ];
  return [text(`You said: ${said}`, message.quoteToken && said === 'quote me' ? { quoteToken: message.quoteToken } : {})];
}

export class Bot {
  events = [];
  #held = [];

  constructor(api, token) {
    this.api = api;
    this.token = token;
    this.server = createServer((request, response) => {
      let body = '';
      request.on('data', (part) => (body += part));
      request.on('end', () => {
        response.end();
        for (const event of JSON.parse(body).events) void this.#take(event);
      });
    });
  }

  async listen() {
    await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${this.server.address().port}/webhook`;
  }

  close() {
    this.server.close();
    this.server.closeAllConnections();
  }

  async call(path, body) {
    const response = await fetch(this.api + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${this.token}` },
      body: JSON.stringify(body),
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${answer}`);
    return answer;
  }

  push(to, words) {
    return this.call('/v2/bot/message/push', { to, messages: [text(words)] });
  }

  // Lets the answers to "wait" go.
  release() {
    for (const go of this.#held.splice(0)) go();
  }

  async #take(event) {
    this.events.push(event);
    if (event.message?.markAsReadToken)
      await this.call('/v2/bot/chat/markAsRead', { markAsReadToken: event.message.markAsReadToken });
    if (event.message?.text === 'wait') {
      await this.call('/v2/bot/chat/loading/start', { chatId: event.source.userId, loadingSeconds: 60 });
      await new Promise((go) => this.#held.push(go));
    }
    if (event.replyToken)
      await this.call('/v2/bot/message/reply', { replyToken: event.replyToken, messages: answersTo(event) });
  }
}

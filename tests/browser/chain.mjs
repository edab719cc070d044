// The simulator as a real process with the scripted bot behind it, and Debian's Chromium in front of it.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, existsSync, watch } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Bot } from './bot.mjs';

const packages = process.env.TSUNAGI_BROWSER_PACKAGES;
const linesim = process.env.TSUNAGI_LINESIM;
if (!packages || !linesim) throw new Error('TSUNAGI_BROWSER_PACKAGES and TSUNAGI_LINESIM say where the programs are');
const require = createRequire(join(packages, 'x'));
const { chromium } = require('playwright-core');
export const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
export const GUARD_MS = 30_000;

function fileAppears(folder, name) {
  const path = join(folder, name);
  return new Promise((done, failed) => {
    const look = () => {
      if (!existsSync(path) || readFileSync(path, 'utf8') === '') return;
      watcher.close();
      clearTimeout(guard);
      done(path);
    };
    const watcher = watch(folder, look);
    const guard = setTimeout(() => failed(new Error(`${path} never came`)), GUARD_MS);
    look();
  });
}

export class Chain {
  problems = []; // of the console, and requests to elsewhere

  async start() {
    this.folder = mkdtempSync(join(tmpdir(), 'tsunagi-browser-'));
    this.process = spawn(linesim, ['--data-dir', join(this.folder), '--endpoints', join(this.folder, 'ports')], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const endpoints = JSON.parse(readFileSync(await fileAppears(this.folder, 'ports'), 'utf8'));
    this.url = `http://${endpoints.api}`;
    this.bot = new Bot(this.url, readFileSync(join(this.folder, 'access-token'), 'utf8').trim());
    await this.control('webhook-url', { url: await this.bot.listen() });
    await this.control('account', { chatMode: 'chat' }); // read marks are for accounts that chat
    this.browser = await chromium.launch({
      executablePath: process.env.TSUNAGI_CHROMIUM ?? '/usr/bin/chromium',
      args: FLAGS,
      timeout: GUARD_MS,
    });
  }

  async stop() {
    await this.browser?.close();
    this.bot?.close();
    if (this.process) {
      const gone = new Promise((done) => this.process.once('exit', done));
      this.process.kill('SIGTERM');
      await gone;
    }
    if (this.folder) rmSync(this.folder, { recursive: true, force: true });
  }

  async control(path, body) {
    const response = await fetch(`${this.url}/control/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${path}: ${answer.error}`);
    return answer;
  }

  // A page of its own, with nothing remembered; whatever its console complains of is a problem.
  async open(options = {}) {
    const context = await this.browser.newContext({
      viewport: { width: 1100, height: 760 },
      locale: 'en-US',
      colorScheme: 'light',
      ...options,
    });
    context.setDefaultTimeout(GUARD_MS);
    const page = await context.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.problems.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.problems.push(`page: ${error.message}`));
    page.on('request', (request) => {
      if (!request.url().startsWith(this.url)) this.problems.push(`request: ${request.url()}`);
    });
    await page.goto(this.url);
    await page.getByText('Webhooks go to').or(page.getByText('送信先')).or(page.getByText('送往')).or(page.getByText('ส่ง Webhook')).first().waitFor({ state: 'attached' });
    return page;
  }
}

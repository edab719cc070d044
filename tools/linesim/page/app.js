"use strict";

// One chat at a time out of a few; everything shown comes from the simulator's ledger, so that a reload and a second
// window show the same, and so do messages written by a test.
const byId = (id) => document.getElementById(id);
const FIRST_CHATS = [{ user: "alice" }, { user: "bob" }, { user: "carol" }, { user: "alice", group: "team" }];
const SHOWN_PER_CHAT = 500;

const chats = new Map();   // key -> {user, group, items: [element], unread}
const events = new Map();  // webhookEventId -> {state element, chat, sent, webhook}
const chatOfConversation = new Map();
let current = null;

function keyOf(user, group) { return group ? "group " + group : "user " + user; }

function chatFor(user, group) {
  const key = keyOf(user, group);
  if (!chats.has(key)) {
    const button = document.createElement("button");
    button.type = "button";
    button.role = "tab";
    button.textContent = group ? `${say("group")} ${group}` : user;
    const chat = { user, group, items: [], unread: false, button };
    button.addEventListener("click", () => select(chat));
    byId("chats").append(button);
    chats.set(key, chat);
  }
  return chats.get(key);
}

function select(chat) {
  current = chat;
  chat.button.classList.remove("unread");
  for (const other of chats.values()) other.button.setAttribute("aria-selected", String(other === chat));
  byId("messages").replaceChildren(...chat.items);
  byId("empty").hidden = chat.items.length > 0;
  scrollDown();
}

function scrollDown() {
  const main = document.querySelector("main");
  main.scrollTop = main.scrollHeight;
}

function addItem(chat, side, text, state) {
  const item = document.createElement("li");
  item.className = side;
  const bubble = document.createElement("div");
  bubble.className = "bubble";
  bubble.textContent = text;
  const line = document.createElement("div");
  line.className = "state";
  line.textContent = state;
  item.append(bubble, line);
  removeTyping(chat);
  chat.items.push(item);
  if (chat.items.length > SHOWN_PER_CHAT) chat.items.shift().remove();
  if (chat === current) {
    byId("messages").append(item);
    byId("empty").hidden = true;
    scrollDown();
  } else {
    chat.button.classList.add("unread");
  }
  return line;
}

function removeTyping(chat) {
  const at = chat.items.findIndex((item) => item.dataset.typing);
  if (at >= 0) chat.items.splice(at, 1)[0].remove();
}

function showEvent(entry) {
  const chat = chatFor(entry.user, entry.group);
  chatOfConversation.set(entry.conversation, chat);
  const name = entry.group ? `${entry.user}: ` : "";
  events.set(entry.webhookEventId, { line: addItem(chat, "mine", name + entry.text, say("sent")), parts: new Map() });
}

function showState(id, part, text, bad) {
  const event = events.get(id);
  if (!event) return;
  event.parts.set(part, { text, bad });
  event.line.textContent = [...event.parts.values()].map((p) => p.text).join(" · ");
  event.line.classList.toggle("bad", [...event.parts.values()].some((p) => p.bad) && !event.parts.has("answer"));
}

function showWebhook(entry) {
  const again = entry.redelivery ? ` (${say("again")})` : "";
  let text;
  if (entry.accepted) text = `${say("delivered")} ${entry.latencyMs} ms`;
  else if (entry.status > 0) text = `${say("refused")} (${entry.status})`;
  else text = `${say("noAnswer")} (${entry.error})`;
  showState(entry.webhookEventId, "webhook", text + again, !entry.accepted);
}

function showMessages(entry) {
  const chat = chatOfConversation.get(entry.conversation);
  if (!chat) return;
  for (const text of entry.texts) addItem(chat, "theirs", text, entry.via === "push" ? say("pushed") : "");
  if (entry.webhookEventId) showState(entry.webhookEventId, "answer", `${say("answered")} ${entry.latencyMs} ms`, false);
}

function showTyping(entry) {
  const chat = chatOfConversation.get(entry.conversation);
  if (!chat) return;
  addItem(chat, "theirs", `${byId("bot").textContent} ${say("typing")}`, "").parentElement.dataset.typing = "1";
}

const SHOW = { event: showEvent, webhook: showWebhook, messages: showMessages, loading: showTyping };

async function call(path, body) {
  const options = body === undefined ? {} : {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  };
  const response = await fetch(path, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error || String(response.status));
  return answer;
}

function showConnection(text, bad) {
  byId("connection").textContent = text;
  byId("connection").classList.toggle("bad", bad);
}

async function readState() {
  const state = await call("/control/state");
  byId("bot").textContent = state.bot.displayName;
  document.title = `${state.bot.displayName} · linesim`;
  if (document.activeElement !== byId("webhook")) byId("webhook").value = state.webhookUrl;
  if (state.webhookUrl) showConnection(`${say("ready")} ${new URL(state.webhookUrl).host}`, false);
  else showConnection(say("noWebhook"), true);
  return state;
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function follow() {
  let since = 0;
  for (let failures = 0; ;) {
    try {
      if (failures > 0 || since === 0) {
        const state = await readState();
        if (state.ledger < since) location.reload();  // another simulator runs now
      }
      const page = await call(`/control/ledger?since=${since}&limit=500&wait=25s`);
      for (const entry of page.entries) SHOW[entry.kind]?.(entry);
      since = page.next;
      failures = 0;
    } catch {
      failures += 1;
      showConnection(say("lost"), true);
      await pause(Math.min(500 * failures, 5000));
    }
  }
}

function showProblem(text) {
  byId("problem").textContent = text;
  byId("problem").hidden = text === "";
}

byId("composer").addEventListener("submit", async (submit) => {
  submit.preventDefault();
  const text = byId("text").value;
  if (text.trim() === "") return;
  const button = byId("composer").querySelector("button");
  button.disabled = true;
  try {
    const message = { user: current.user, text };
    if (current.group) message.group = current.group;
    await call("/control/messages", message);
    byId("text").value = "";
    showProblem("");
  } catch (error) {
    showProblem(error.message);
  }
  button.disabled = false;
  byId("text").focus();
});

byId("text").addEventListener("keydown", (key) => {
  if (key.key !== "Enter" || key.shiftKey || key.isComposing) return;
  key.preventDefault();
  byId("composer").requestSubmit();
});

byId("webhook-form").addEventListener("submit", async (submit) => {
  submit.preventDefault();
  try {
    await call("/control/webhook-url", { url: byId("webhook").value.trim() });
    byId("webhook-note").textContent = say("saved");
    await readState();
  } catch (error) {
    byId("webhook-note").textContent = error.message;
  }
});

document.documentElement.lang = LANGUAGE;
for (const element of document.querySelectorAll("[data-label]")) element.textContent = say(element.dataset.label);
for (const { user, group } of FIRST_CHATS) chatFor(user, group);
select(chats.values().next().value);
follow();

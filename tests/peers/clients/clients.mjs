// Front ends of others ask our server: each reads an answer, stops one, and takes one up again.
// Told as JSON: {client: {step: what it had}}. The address of the server is the argument.
import { Chat } from "@ai-sdk/react";
import { DefaultChatTransport } from "ai";
import { HttpAgent } from "@ag-ui/client";
import { ChatClient, fetchServerSentEvents } from "@tanstack/ai-client";

const server = process.argv[2];

// What a page does when something changes; a person would look again.
async function until(holds) {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}
const go = () => fetch(`${server}/go`, { method: "POST" });

async function aiSDK() {
  const chat = (id, api) =>
    new Chat({ id, transport: new DefaultChatTransport({ api: `${server}/ui/${api}` }) });
  const last = (one) => one.messages.at(-1) ?? { parts: [] };
  const text = (one) =>
    last(one).role === "assistant"
      ? last(one).parts.filter((part) => part.type === "text").map((part) => part.text).join("")
      : "";

  const reading = chat("ui-read", "chat");
  await reading.sendMessage({ text: "weigh" });
  const read = last(reading).parts.map((part) => [part.type, part.text ?? part.output ?? null]);

  const stopping = chat("ui-stop", "direct");
  const stopped = stopping.sendMessage({ text: "wait" });
  await until(() => text(stopping) === "Half");
  await stopping.stop();
  await stopped;
  const told = await (await fetch(`${server}/stopped`)).text();

  const first = chat("ui-resume", "chat");
  const asked = first.sendMessage({ text: "slow" });
  await until(() => text(first) === "begun ");
  const second = chat("ui-resume", "chat");
  const resumed = second.resumeStream();
  await until(() => text(second) === "begun ");
  await go();
  await Promise.all([asked, resumed]);
  return {
    read,
    status: reading.status,
    stopped: [text(stopping), told, stopping.status],
    resumed: [text(first), text(second)],
  };
}

async function agUI() {
  const agent = (api, thread) =>
    new HttpAgent({ url: `${server}/ag-ui/${api}`, threadId: thread });
  const ask = (one, content) => one.setMessages([{ id: "q", role: "user", content }]);

  const reading = agent("chat", "ag-read");
  ask(reading, "weigh");
  const { newMessages } = await reading.runAgent();
  const read = newMessages.map((one) => [
    one.role,
    one.toolCalls ? one.toolCalls[0].function.name : one.content,
  ]);

  const stopping = agent("direct", "ag-stop");
  ask(stopping, "wait");
  let half = "";
  const run = stopping.runAgent(
    {},
    { onTextMessageContentEvent: ({ event }) => void (half += event.delta) },
  );
  await until(() => half === "Half");
  stopping.abortRun();
  await run.catch(() => null);
  return { read, stopped: [half, await (await fetch(`${server}/stopped`)).text()] };
}

async function tanStack() {
  const client = (api, threadId) =>
    new ChatClient({ connection: fetchServerSentEvents(`${server}/ag-ui/${api}`), threadId });
  const parts = (one) => one.getMessages().filter((m) => m.role === "assistant").flatMap((m) => m.parts);
  const text = (one) =>
    parts(one).filter((part) => part.type === "text").map((part) => part.content).join("");

  const reading = client("chat", "tan-read");
  await reading.sendMessage("weigh");
  const read = parts(reading).map((part) => [part.type, part.content ?? part.name ?? null]);

  const stopping = client("direct", "tan-stop");
  const stopped = stopping.sendMessage("wait");
  await until(() => text(stopping) === "Half");
  stopping.stop();
  await stopped;
  const told = await (await fetch(`${server}/stopped`)).text();

  const first = client("chat", "tan-resume");
  const asked = first.sendMessage("slow");
  await until(() => text(first) === "begun ");
  const connection = fetchServerSentEvents(`${server}/ag-ui/chat`);
  let joined = "";
  for await (const chunk of connection.joinRun(first.getCurrentRunId())) {
    if (chunk.type === "TEXT_MESSAGE_CONTENT") joined += chunk.delta;
    if (joined === "begun ") await go();
  }
  await asked;
  return { read, stopped: [text(stopping), told], resumed: [text(first), joined] };
}

const found = {};
for (const [name, client] of Object.entries({ aiSDK, agUI, tanStack })) {
  found[name] = await client();
}
console.log(JSON.stringify(found));
process.exit(0);

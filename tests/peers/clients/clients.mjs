// Front ends of others ask our server: each reads an answer, stops one, and takes one up again.
// Told as JSON: {client: {step: what it had}}. The address of the server is the argument.
import { Chat } from "@ai-sdk/react";
import { DefaultChatTransport, lastAssistantMessageIsCompleteWithApprovalResponses } from "ai";
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
    new Chat({
      id,
      transport: new DefaultChatTransport({ api: `${server}/ui/${api}` }),
      sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithApprovalResponses,
    });
  const last = (one) => one.messages.at(-1) ?? { parts: [] };
  const text = (one) =>
    last(one).role === "assistant"
      ? last(one).parts.filter((part) => part.type === "text").map((part) => part.text).join("")
      : "";

  const reading = chat("ui-read", "chat");
  await reading.sendMessage({ text: "weigh" });
  const read = last(reading).parts.map((part) => [part.type, part.text ?? part.output ?? null]);

  // A question is a tool that wants approval; with the reply the chat asks by itself once more.
  const replied = async (api, approved) => {
    const asking = chat(`ui-ask-${api}-${approved}`, api);
    await asking.sendMessage({ text: "ask" });
    const { approval, input, state } = last(asking).parts.find((part) => part.approval);
    await asking.addToolApprovalResponse({ id: approval.id, approved });
    await until(() => asking.status === "ready" && text(asking).endsWith("."));
    const part = last(asking).parts.find((part) => part.approval);
    return [state, input.question, part.state, text(asking), asking.messages.length];
  };
  const asked = [await replied("direct", true), await replied("direct", false)];
  asked.push(await replied("chat", true));

  const stopping = chat("ui-stop", "direct");
  const stopped = stopping.sendMessage({ text: "wait" });
  await until(() => text(stopping) === "Half");
  await stopping.stop();
  await stopped;
  const told = await (await fetch(`${server}/stopped`)).text();

  const first = chat("ui-resume", "chat");
  const slow = first.sendMessage({ text: "slow" });
  await until(() => text(first) === "begun ");
  const second = chat("ui-resume", "chat");
  const resumed = second.resumeStream();
  await until(() => text(second) === "begun ");
  await go();
  await Promise.all([slow, resumed]);
  return {
    read,
    asked,
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

  // A question is an interrupt, which the next run answers.
  const replied = async (api, payload) => {
    const asking = agent(api, `ag-ask-${api}-${payload.approved}`);
    ask(asking, "ask");
    await asking.runAgent();
    const [{ id, reason, message }] = asking.pendingInterrupts;
    const resume = [{ interruptId: id, status: "resolved", payload }];
    const { newMessages } = await asking.runAgent({ resume });
    const text = newMessages.map((one) => one.content).join("");
    return [reason, message, text, asking.pendingInterrupts.length];
  };
  const asked = [
    await replied("direct", { approved: true }),
    await replied("direct", { approved: false }),
    await replied("chat", { approved: true }),
  ];

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
  return { read, asked, stopped: [half, await (await fetch(`${server}/stopped`)).text()] };
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

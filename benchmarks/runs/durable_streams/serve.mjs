// Serves streams kept in memory, as it does unless a folder is named, and prints the port.
import { DurableStreamTestServer } from "@durable-streams/server";

console.info = console.log = () => {}; // the server tells of its start; a port is waited for
const server = new DurableStreamTestServer({ port: 0, host: "127.0.0.1", compression: false });
process.stdout.write(`${new URL(await server.start()).port}\n`);

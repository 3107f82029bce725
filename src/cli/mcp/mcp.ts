import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  ListResourcesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';

import type { CommandSurroundings } from '../command.ts';
import { version } from '../version.ts';
import { dataNotice } from './answer.ts';
import { readTargets } from './targets.ts';
import { callTool, listedTools } from './tools.ts';
import type { Terms } from './tools.ts';

/**
 * Serves the Model Context Protocol on standard input and output until the input ends. Every tool is read-only. Throws a
 * {@link UsageError} for a configuration that cannot be used.
 */
export async function mcp(terms: Terms, { signal }: Pick<CommandSurroundings, 'signal'>): Promise<number> {
  const targets = await readTargets(terms.config);
  const over = new AbortController();
  const server = new Server(
    { name: 'standbylint', version },
    { capabilities: { tools: {}, resources: {} }, instructions: `${instructions} ${dataNotice}` },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [...listedTools(targets, terms)] }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal: cancelled }) =>
    callTool(params.name, params.arguments ?? {}, targets, terms, AbortSignal.any([cancelled, over.signal, signal])),
  );
  server.setRequestHandler(ListResourcesRequestSchema, () => ({ resources: [...targets.resources()] }));
  server.setRequestHandler(ReadResourceRequestSchema, ({ params: { uri } }) => {
    const text = targets.read(uri);
    if (text === undefined) throw new McpError(ErrorCode.InvalidParams, 'This resource does not exist.');
    return { contents: [{ uri, mimeType: 'application/json', text }] };
  });
  const ended = new Promise<void>((resolve) => {
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- it is no event target
    server.onclose = resolve;
    signal.addEventListener('abort', () => resolve(), { once: true });
    for (const event of ['end', 'close', 'error']) process.stdin.once(event, () => resolve());
    process.stdout.once('error', () => resolve());
  });
  await server.connect(new StdioServerTransport());
  await ended;
  over.abort(new Error('the client has gone'));
  return 0;
}

const instructions =
  'standbylint examines PostgreSQL streaming replication and changes nothing: preflight before a standby is made, postmortem when one does not follow its primary, explain for a message, rules for what it knows. It proposes commands; a person runs them.';
